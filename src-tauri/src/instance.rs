//! One window for each home: whoever starts the program again is led to the window that is there.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use tauri::Wry;
use tauri::plugin::TauriPlugin;

use crate::{links, platform};

/// Hands what a second start was given to the first one, and ends the second.
pub(crate) fn one_for_each_home(home: Option<&Path>) -> TauriPlugin<Wry> {
    tauri_plugin_single_instance::Builder::new()
        .callback(|app, words, folder| {
            let handed = words.get(1..).unwrap_or_default();
            let handed: Vec<String> = handed
                .iter()
                .filter(|word| !word.starts_with("--"))
                .cloned()
                .collect();
            links::take(app, &handed, Path::new(&folder));
        })
        .dbus_id(bus_name(home))
        .build()
}

/// Starts the program once more if the window that it wanted to hand over to went away in that moment.
///
/// Returns if that was not the reason, or has been the reason too often.
pub(crate) fn start_again_after(error: &tauri::Error) {
    let starts = std::env::var(STARTS).ok().and_then(|it| it.parse().ok());
    let starts: u32 = starts.unwrap_or(0);
    if !is_of_another_instance(error) || starts >= MOST_STARTS {
        return;
    }
    let Ok(program) = std::env::current_exe() else {
        return;
    };
    std::thread::sleep(PAUSE);
    let mut command = Command::new(program);
    command
        .args(std::env::args_os().skip(1))
        .env(STARTS, (starts + 1).to_string());
    let error = platform::become_program(&mut command);
    tracing::error!(%error, "the program cannot start itself again");
}

fn is_of_another_instance(error: &tauri::Error) -> bool {
    matches!(error, tauri::Error::PluginInitialization(plugin, _) if plugin == "single-instance")
}

/// Another home is another device.
fn bus_name(home: Option<&Path>) -> String {
    let home = home.map(|path| path.to_string_lossy().into_owned());
    let digest =
        model::Digest::of_parts(&[b"wherry 1 window", home.unwrap_or_default().as_bytes()]);
    let digest: String = digest.to_string().chars().take(16).collect();
    format!("org.wherry.Wherry.h{digest}")
}

/// How often this program has started itself again.
const STARTS: &str = "WHERRY_STARTED_AGAIN";
const MOST_STARTS: u32 = 3;
/// Whoever is leaving has left by then.
const PAUSE: Duration = Duration::from_millis(300);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_home_has_a_name_of_its_own_on_the_bus() {
        let ana = bus_name(Some(Path::new("/home/ana")));
        let ben = bus_name(Some(Path::new("/home/ben")));
        assert_ne!(ana, ben);
        assert_eq!(ana, bus_name(Some(Path::new("/home/ana"))));
        let fits = |name: &str| {
            name.split('.')
                .all(|part| part.starts_with(char::is_alphabetic))
        };
        assert!(fits(&ana), "{ana}");
    }

    #[test]
    fn only_a_window_that_went_away_is_a_reason_to_start_again() {
        let lost = |plugin: &str| {
            tauri::Error::PluginInitialization(plugin.to_owned(), "no reply".to_owned())
        };
        assert!(is_of_another_instance(&lost("single-instance")));
        assert!(!is_of_another_instance(&lost("dialog")));
        assert!(!is_of_another_instance(&tauri::Error::WindowNotFound));
    }
}
