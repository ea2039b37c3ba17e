//! Notices a page that stays blank or whose process died, and steps down to a safer way of drawing.
//!
//! WebKitGTK draws nothing on some graphics drivers. A page proves that it lives by asking for `facts`; if it
//! does not, or its process dies twice in a minute, the setting `rendering` takes the next step and the
//! program starts itself again. The step stays, so that nobody waits for a blank window twice.

use std::process::Command;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use api::SettingCommand;
use tauri::{AppHandle, Manager as _, WebviewWindow};

use crate::keeper::Keeper;
use crate::platform;

/// What is known of the page's life.
#[derive(Debug, Default)]
pub(crate) struct Pulse {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// Pages that were begun.
    loads: u64,
    /// The newest of them that showed itself alive.
    alive: u64,
    died: Option<Instant>,
}

/// How the window is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    /// As the system does best.
    Auto,
    /// Without buffers that the graphics driver shares.
    Safe,
    /// Without composition.
    Plain,
}

/// The page asked for what only a living one asks for.
pub(crate) fn page_lives(app: &AppHandle) {
    let pulse = app.state::<Pulse>();
    let mut state = pulse.lock();
    state.alive = state.loads;
}

/// A page was begun: it must show itself alive in time.
pub(crate) fn expect_page(app: &AppHandle) {
    let load = {
        let pulse = app.state::<Pulse>();
        let mut state = pulse.lock();
        state.loads += 1;
        state.loads
    };
    let app = app.clone();
    tauri::async_runtime::spawn(async move {
        tokio::time::sleep(PAGE_TIME).await;
        if app.state::<Pulse>().is_missing(load) {
            tracing::error!("the window stays blank");
            step_down(&app).await;
        }
    });
}

/// Has the window noticed when the process behind its page ends.
pub(crate) fn watch(window: &WebviewWindow) {
    let app = window.app_handle().clone();
    let watched =
        platform::on_page_death(window, move |reload| match app.state::<Pulse>().died() {
            Death::First => reload(),
            Death::Again => {
                let app = app.clone();
                tauri::async_runtime::spawn(async move { step_down(&app).await });
            }
        });
    if let Err(error) = watched {
        tracing::warn!(%error, "the page cannot be watched");
    }
}

/// Starts again if the settings name another way of drawing than the one this process began with.
pub(crate) async fn follow_setting(app: &AppHandle) {
    let Ok(settings) = app.state::<Keeper>().settings().await else {
        return; // The page says what is wrong with the home.
    };
    let wanted = settings.iter().find(|it| it.key == RENDERING);
    let wanted = wanted.and_then(|it| Mode::of_word(it.value.as_deref()?));
    if let Some(wanted) = wanted
        && wanted != Mode::of_this_process()
    {
        restart(app, wanted).await;
    }
}

async fn step_down(app: &AppHandle) {
    let next = match Mode::of_this_process() {
        Mode::Auto => Mode::Safe,
        Mode::Safe => Mode::Plain,
        Mode::Plain => return, // There is no safer one.
    };
    let change = SettingCommand::Change {
        key: RENDERING.to_owned(),
        value: Some(next.word().to_owned()),
    };
    match app.state::<Keeper>().ask(change).await {
        Ok(_) => restart(app, next).await,
        // A policy holds it, or the home cannot be written: what stays is to try as it is.
        Err(error) => tracing::error!(code = ?error.code, "the way of drawing cannot be changed"),
    }
}

async fn restart(app: &AppHandle, mode: Mode) {
    tracing::warn!(mode = mode.word(), "starting again to draw another way");
    app.state::<Keeper>().close().await;
    let Ok(program) = std::env::current_exe() else {
        return;
    };
    let mut command = Command::new(program);
    command.args(std::env::args_os().skip(1));
    for variable in VARIABLES {
        command.env_remove(variable);
    }
    command.envs(mode.variables().iter().map(|name| (name, "1")));
    let error = platform::become_program(&mut command);
    tracing::error!(%error, "the program cannot start itself again");
    app.exit(1);
}

enum Death {
    First,
    Again,
}

impl Pulse {
    fn is_missing(&self, load: u64) -> bool {
        let state = self.lock();
        state.loads == load && state.alive < load
    }

    fn died(&self) -> Death {
        let now = Instant::now();
        let before = self.lock().died.replace(now);
        match before {
            Some(before) if now.duration_since(before) < DEATH_TIME => Death::Again,
            Some(_) | None => Death::First,
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

impl Mode {
    fn word(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Safe => "safe",
            Self::Plain => "plain",
        }
    }

    fn of_word(word: &str) -> Option<Self> {
        [Self::Auto, Self::Safe, Self::Plain]
            .into_iter()
            .find(|mode| mode.word() == word)
    }

    fn variables(self) -> &'static [&'static str] {
        match self {
            Self::Auto => &[],
            Self::Safe => &VARIABLES[..1],
            Self::Plain => &VARIABLES,
        }
    }

    fn of_this_process() -> Self {
        let is_set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
        match VARIABLES.map(is_set) {
            [_, true] => Self::Plain,
            [true, false] => Self::Safe,
            [false, false] => Self::Auto,
        }
    }
}

/// What WebKitGTK is told by, the milder one first.
const VARIABLES: [&str; 2] = [
    "WEBKIT_DISABLE_DMABUF_RENDERER",
    "WEBKIT_DISABLE_COMPOSITING_MODE",
];
/// The setting that keeps the step.
const RENDERING: &str = "rendering";
/// A page is there long before, also on a machine that is busy.
const PAGE_TIME: Duration = Duration::from_secs(60);
/// Two deaths within this time are no accident.
const DEATH_TIME: Duration = Duration::from_secs(60);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_step_is_read_as_it_is_kept_and_says_more_than_the_one_before() {
        let steps = [Mode::Auto, Mode::Safe, Mode::Plain];
        for (number, mode) in steps.into_iter().enumerate() {
            assert_eq!(Mode::of_word(mode.word()), Some(mode));
            assert_eq!(mode.variables().len(), number);
        }
        assert_eq!(Mode::of_word("fast"), None);
    }

    #[test]
    fn a_page_that_shows_itself_is_not_missed() {
        let pulse = Pulse::default();
        pulse.lock().loads = 1;
        assert!(pulse.is_missing(1));
        pulse.lock().alive = 1;
        assert!(!pulse.is_missing(1));
        pulse.lock().loads = 2;
        assert!(!pulse.is_missing(1), "another page is expected by now");
        assert!(pulse.is_missing(2));
    }

    #[test]
    fn one_death_is_an_accident_and_two_in_a_row_are_not() {
        let pulse = Pulse::default();
        assert!(matches!(pulse.died(), Death::First));
        assert!(matches!(pulse.died(), Death::Again));
    }
}
