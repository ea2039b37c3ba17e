use std::sync::Mutex;

use api::Event;
use serde::Serialize;
use tauri::ipc::Channel;
use tauri::{AppHandle, Manager as _};

use crate::picks::Picked;
use crate::totals;

/// What the page hears, in order.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Told {
    /// The engine told it.
    Engine(Event),
    /// The shell itself did.
    Shell(ShellEvent),
    /// Files are dragged over the window.
    #[serde(untagged)]
    Drag(Drag),
}

/// What happens around the window.
#[derive(Debug, Clone, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub(crate) enum ShellEvent {
    /// The process that owned the home ended, and this one took over: what was known may be old.
    Reopened,
    /// A link was opened: it may fill in a form, and nothing else.
    Link {
        /// As it was handed over.
        text: String,
    },
    /// Somebody chose files in the file manager and then Wherry.
    Files {
        /// What was chosen.
        picked: Picked,
    },
    /// The button of a notification was pressed.
    Show {
        /// What it was about.
        transfer: Option<String>,
    },
}

/// Files over the window; positions in CSS pixels.
#[derive(Debug, Clone, Serialize)]
#[serde(tag = "drag", rename_all = "snake_case")]
pub(crate) enum Drag {
    /// They came in.
    Entered { x: f64, y: f64 },
    /// They move.
    Moved { x: f64, y: f64 },
    /// They were let go.
    Dropped { x: f64, y: f64, picked: Picked },
    /// They are gone.
    Left,
}

/// Tells the page.
#[derive(Debug, Clone)]
pub(crate) struct Teller {
    app: AppHandle,
}

/// Where the page listens, and what it has not heard because it did not listen yet.
#[derive(Default)]
pub(crate) struct Ear {
    state: Mutex<EarState>,
}

#[derive(Default)]
struct EarState {
    channel: Option<Channel<Told>>,
    waiting: Vec<Told>,
}

impl Teller {
    pub(crate) fn new(app: AppHandle) -> Self {
        Self { app }
    }

    /// Passes something on.
    pub(crate) fn tell(&self, told: Told) {
        if let Told::Engine(event) = &told {
            totals::note(&self.app, event);
        }
        self.app.state::<Ear>().tell(told);
    }
}

impl Ear {
    /// A page listens from now on; one that was loaded before does no more.
    pub(crate) fn listen(&self, channel: Channel<Told>) {
        let mut state = self.lock();
        for told in state.waiting.drain(..) {
            send(&channel, told);
        }
        state.channel = Some(channel);
    }

    /// The page is gone; another one will come.
    pub(crate) fn close(&self) {
        self.lock().channel = None;
    }

    fn tell(&self, told: Told) {
        let mut state = self.lock();
        match (&state.channel, &told) {
            (Some(channel), _) => send(channel, told),
            // What the engine tells is in the snapshot that every page begins with.
            (None, Told::Shell(_)) if state.waiting.len() < WAITING => state.waiting.push(told),
            (None, _) => {}
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, EarState> {
        self.state
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

fn send(channel: &Channel<Told>, told: Told) {
    if let Err(error) = channel.send(told) {
        tracing::warn!(%error, "the page did not hear something");
    }
}

/// What waits for a page: links and files that the system handed over.
const WAITING: usize = 16;
