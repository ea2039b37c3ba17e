//! `wherry run` among the system's other daemons: it says when it is ready and how it is, reads its
//! settings again on SIGHUP, and proves to a watchdog that it still answers.

mod diary;
mod notify;

use std::time::Duration;

use api::{CommandError, Event, IdentityCommand};

pub(crate) use notify::stopping;

use crate::commands::Desk;

/// What a daemon hears besides events.
pub(crate) struct Daemon {
    hangups: Hangups,
    watchdog: Option<tokio::time::Interval>,
}

/// What happened to a daemon.
#[derive(Debug)]
pub(crate) enum Happened {
    /// Something of the engine.
    Event(Event),
    /// Settings are to be read again.
    Hangup,
}

impl Daemon {
    /// Listens for what the system says; from here on SIGHUP ends nothing.
    pub(crate) fn start() -> Self {
        let watchdog = notify::watchdog().map(|time| tokio::time::interval(time / 2));
        Self {
            hangups: Hangups::new(),
            watchdog,
        }
    }

    /// Says that contacts are served from now on, online or not yet.
    pub(crate) fn ready(&self) {
        notify::tell("READY=1\nSTATUS=Waiting for the signaling server.");
        tracing::info!("wherry runs");
    }

    /// Waits for what happens next, while the engine proves itself to the watchdog.
    pub(crate) async fn next(&mut self, desk: &mut Desk) -> Result<Happened, CommandError> {
        loop {
            tokio::select! {
                event = desk.next_event() => {
                    let event = event?;
                    diary::note(&event);
                    if let Some(status) = status(&event) {
                        notify::tell(&format!("STATUS={status}"));
                    }
                    return Ok(Happened::Event(event));
                }
                () = self.hangups.next() => return Ok(Happened::Hangup),
                () = tick(&mut self.watchdog) => {}
            }
            // Only an engine that answers keeps the watchdog quiet.
            desk.call(IdentityCommand::Show).await?;
            notify::tell("WATCHDOG=1");
        }
    }

    /// Says how reading the settings again went; wrong ones change nothing and end nothing.
    pub(crate) fn reloaded(&self, result: &Result<(), CommandError>) {
        match result {
            Ok(()) => {
                tracing::info!("the settings were read again");
                notify::tell("READY=1\nSTATUS=The settings were read again.");
            }
            Err(error) => {
                tracing::warn!("the settings were read again and stay as they were");
                notify::tell(&format!("READY=1\nSTATUS={}", error.message));
            }
        }
    }

    /// Says that the settings are being read, and starts the log file anew if it was moved away.
    pub(crate) fn reloading(&self) {
        notify::tell("RELOADING=1");
        logging::reopen();
    }
}

fn status(event: &Event) -> Option<&'static str> {
    if let Event::Ready = event {
        Some("Online.")
    } else if let Event::ServerLost { .. } = event {
        Some("The signaling server is out of reach; trying again.")
    } else if let Event::ServerRefused { .. } = event {
        Some("The signaling server refused this device.")
    } else {
        None
    }
}

async fn tick(watchdog: &mut Option<tokio::time::Interval>) {
    match watchdog {
        Some(watchdog) => {
            watchdog.tick().await;
        }
        None => std::future::pending().await,
    }
}

#[cfg(unix)]
struct Hangups(Option<tokio::signal::unix::Signal>);

#[cfg(unix)]
impl Hangups {
    fn new() -> Self {
        use tokio::signal::unix::{SignalKind, signal};
        Self(signal(SignalKind::hangup()).ok())
    }

    async fn next(&mut self) {
        match &mut self.0 {
            Some(signal) => {
                signal.recv().await;
            }
            None => std::future::pending().await,
        }
    }
}

#[cfg(not(unix))]
struct Hangups;

#[cfg(not(unix))]
impl Hangups {
    fn new() -> Self {
        Self
    }

    async fn next(&mut self) {
        std::future::pending().await
    }
}

/// A watchdog that is quicker than this is taken for one that is not meant.
const SHORTEST_WATCHDOG: Duration = Duration::from_millis(10);
