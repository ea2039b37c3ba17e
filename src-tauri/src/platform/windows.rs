use std::io;
use std::process::Command;

use tokio::signal::windows::{ctrl_c, ctrl_close, ctrl_shutdown};

/// Waits until the system, or whoever ends programs, asks this one to end; for ever if that cannot be heard.
pub(crate) async fn asked_to_end() {
    let (Ok(mut interrupt), Ok(mut close), Ok(mut shutdown)) =
        (ctrl_c(), ctrl_close(), ctrl_shutdown())
    else {
        return std::future::pending().await;
    };
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = close.recv() => {}
        _ = shutdown.recv() => {}
    }
}

/// Runs `command` in the place of this process; returns only if that fails.
pub(crate) fn become_program(command: &mut Command) -> io::Error {
    match command.spawn() {
        Ok(_) => std::process::exit(0),
        Err(error) => error,
    }
}
