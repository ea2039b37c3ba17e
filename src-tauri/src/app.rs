use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use logging::{DefaultLevel, LOG_FILE_BYTES, LogConfig, LogTarget};
use tauri::{App, AppHandle, Builder, Manager as _, RunEvent, Wry};
use tauri_plugin_autostart::MacosLauncher;
use tauri_plugin_window_state::StateFlags;

use crate::arguments::{Arguments, HIDDEN};
use crate::commands::LogPlace;
use crate::gate::Gate;
use crate::keeper::Keeper;
use crate::notices::OpenNotices;
use crate::picks::Picks;
use crate::rendering::Pulse;
use crate::teller::{Ear, Teller};
use crate::totals::Totals;
use crate::tray::Tray;
use crate::{commands, instance, links, platform, rendering, updates, window};

/// Runs the window until a person quits.
pub(crate) fn run(arguments: Arguments) -> ExitCode {
    let config = arguments.engine_config();
    let home = config.home_path();
    init_log(home.as_deref());
    let built = builder(arguments, home.as_deref()).build(tauri::generate_context!());
    let app = match built {
        Ok(app) => app,
        Err(error) => {
            tracing::error!(%error, "the window does not open");
            instance::start_again_after(&error);
            return ExitCode::FAILURE;
        }
    };
    let code = app.run_return(|app, event| {
        if let RunEvent::ExitRequested {
            code: None, api, ..
        } = event
        {
            // Without a window there is still the tray: only a person ends the program.
            api.prevent_exit();
            let _ = app;
        }
    });
    u8::try_from(code).map_or(ExitCode::FAILURE, ExitCode::from)
}

/// Says goodbye to everybody, then ends the program.
pub(crate) fn quit(app: &AppHandle) {
    let app = app.clone();
    tauri::async_runtime::spawn(async move {
        let keeper = app.state::<Keeper>().inner().clone();
        if tokio::time::timeout(GOODBYE_TIME, keeper.close())
            .await
            .is_err()
        {
            tracing::warn!("the engine does not end: it is left behind");
        }
        app.exit(0);
    });
}

fn builder(arguments: Arguments, home: Option<&Path>) -> Builder<Wry> {
    let autostart = tauri_plugin_autostart::init(MacosLauncher::LaunchAgent, Some(vec![HIDDEN]));
    let place = tauri_plugin_window_state::Builder::new()
        .with_state_flags(StateFlags::all() - StateFlags::VISIBLE - StateFlags::DECORATIONS)
        .build();
    Builder::new()
        .plugin(instance::one_for_each_home(home))
        .plugin(autostart)
        .plugin(place)
        .plugin(updates::plugin())
        .plugin(tauri_plugin_dialog::init())
        .plugin(
            tauri_plugin_opener::Builder::new()
                .open_js_links_on_click(false)
                .build(),
        )
        .manage(Ear::default())
        .manage(LogPlace(home.unwrap_or(Path::new("")).join(LOG_FILE)))
        .manage(Gate::default())
        .manage(OpenNotices::default())
        .manage(Picks::default())
        .manage(Pulse::default())
        .manage(Totals::default())
        .manage(Tray::default())
        .invoke_handler(commands::handler())
        .setup(move |app| set_up(app, &arguments).map_err(Into::into))
}

fn set_up(app: &App, arguments: &Arguments) -> tauri::Result<()> {
    let handle = app.handle();
    let teller = Teller::new(handle.clone());
    app.manage(Keeper::start(arguments.engine_config(), teller));
    window::build(handle, !arguments.hidden)?;
    if !arguments.handed.is_empty() {
        let folder = std::env::current_dir().unwrap_or_default();
        links::take(handle, &arguments.handed, &folder);
    }
    let following = handle.clone();
    tauri::async_runtime::spawn(async move { rendering::follow_setting(&following).await });
    end_with_the_system(handle);
    Ok(())
}

/// A session that ends, or `kill`, is a person who quits.
fn end_with_the_system(app: &AppHandle) {
    let app = app.clone();
    tauri::async_runtime::spawn(async move {
        platform::asked_to_end().await;
        quit(&app);
    });
}

fn init_log(home: Option<&Path>) {
    let file = home.map(|home| LogTarget {
        path: home.join(LOG_FILE),
        limit_bytes: LOG_FILE_BYTES,
    });
    let quiet = LogConfig {
        default_level: DefaultLevel::Warn,
        file: None,
    };
    let config = LogConfig {
        default_level: DefaultLevel::Info,
        file,
    };
    // A log that cannot be written is no reason to show no window.
    if logging::init(config).is_err() {
        logging::init(quiet).ok();
    }
}

/// The window's log, in the home.
pub(crate) const LOG_FILE: &str = "window.log";
/// So long the engine may take to say goodbye.
const GOODBYE_TIME: Duration = Duration::from_secs(10);
