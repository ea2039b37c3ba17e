use std::io;
use std::process::Command;

use tokio::signal::unix::{SignalKind, signal};

/// Waits until the system, or whoever ends programs, asks this one to end; for ever if that cannot be heard.
pub(crate) async fn asked_to_end() {
    let signals = signal(SignalKind::terminate()).and_then(|terminate| {
        let interrupt = signal(SignalKind::interrupt())?;
        Ok((terminate, interrupt))
    });
    let Ok((mut terminate, mut interrupt)) = signals else {
        return std::future::pending().await;
    };
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
}

/// Runs `command` in the place of this process; returns only if that fails.
pub(crate) fn become_program(command: &mut Command) -> io::Error {
    std::os::unix::process::CommandExt::exec(command)
}
