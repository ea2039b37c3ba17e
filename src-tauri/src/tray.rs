use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;

use api::TransferCommand;
use serde::Deserialize;
use tauri::menu::{Menu, MenuItem, PredefinedMenuItem};
use tauri::tray::TrayIconBuilder;
use tauri::{AppHandle, Manager as _, Wry};

use crate::keeper::Keeper;
use crate::{app, window};

/// What the tray says, in the page's words: the page knows the language.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Labels {
    show: String,
    pause: String,
    resume: String,
    quit: String,
    /// What moves, or nothing.
    status: String,
}

/// The tray's icon, once the page has named its entries.
#[derive(Default)]
pub(crate) struct Tray {
    entries: Mutex<Option<Entries>>,
}

struct Entries {
    show: MenuItem<Wry>,
    pause: MenuItem<Wry>,
    resume: MenuItem<Wry>,
    quit: MenuItem<Wry>,
    status: MenuItem<Wry>,
}

/// Names the tray's entries, and makes the tray the first time.
pub(crate) fn label(app: &AppHandle, labels: &Labels) -> tauri::Result<()> {
    let tray = app.state::<Tray>();
    let mut entries = tray
        .entries
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner);
    match &*entries {
        Some(entries) => entries.rename(labels),
        None => {
            *entries = Some(Entries::make(app, labels)?);
            Ok(())
        }
    }
}

impl Entries {
    fn make(app: &AppHandle, labels: &Labels) -> tauri::Result<Self> {
        let entry = |id, label: &str| MenuItem::with_id(app, id, label, true, None::<&str>);
        let entries = Self {
            show: entry(SHOW, &labels.show)?,
            pause: entry(PAUSE, &labels.pause)?,
            resume: entry(RESUME, &labels.resume)?,
            quit: entry(QUIT, &labels.quit)?,
            status: MenuItem::with_id(app, STATUS, status(labels), false, None::<&str>)?,
        };
        let line = PredefinedMenuItem::separator(app)?;
        let menu = Menu::with_items(
            app,
            &[
                &entries.status,
                &entries.show,
                &line,
                &entries.pause,
                &entries.resume,
                &line,
                &entries.quit,
            ],
        )?;
        let mut builder = TrayIconBuilder::with_id(TRAY)
            .menu(&menu)
            .tooltip("Wherry")
            .on_menu_event(|app, event| chosen(app, event.id().as_ref()));
        if let Some(icon) = app.default_window_icon() {
            builder = builder.icon(icon.clone());
        }
        // Where the system's library for trays is missing, the binding panics: the window works without.
        match catch_unwind(AssertUnwindSafe(|| builder.build(app))) {
            Ok(built) => built.map(|_| entries),
            Err(_) => {
                tracing::warn!("this system has no tray");
                Ok(entries)
            }
        }
    }

    fn rename(&self, labels: &Labels) -> tauri::Result<()> {
        self.show.set_text(&labels.show)?;
        self.pause.set_text(&labels.pause)?;
        self.resume.set_text(&labels.resume)?;
        self.quit.set_text(&labels.quit)?;
        self.status.set_text(status(labels))
    }
}

fn status(labels: &Labels) -> &str {
    match labels.status.as_str() {
        "" => "Wherry",
        status => status,
    }
}

fn chosen(app: &AppHandle, entry: &str) {
    match entry {
        SHOW => window::show(app),
        PAUSE => steer(app, TransferCommand::PauseAll),
        RESUME => steer(app, TransferCommand::ResumeAll),
        QUIT => app::quit(app),
        _ => {}
    }
}

fn steer(app: &AppHandle, command: TransferCommand) {
    let keeper = app.state::<Keeper>().inner().clone();
    tauri::async_runtime::spawn(async move {
        if let Err(error) = keeper.ask(command).await {
            tracing::warn!(code = ?error.code, "the tray's wish was not fulfilled");
        }
    });
}

const TRAY: &str = "tray";
const SHOW: &str = "show";
const PAUSE: &str = "pause";
const RESUME: &str = "resume";
const QUIT: &str = "quit";
const STATUS: &str = "status";
