//! The command that a person wants to run after something arrived: no shell, one at a time, never for long.

use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};

use model::limits::{COMMAND_BYTES, COMMAND_TIME, COMMANDS_WAITING};
use model::{DisplayName, TransferId};
use tokio::process::Command;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

/// A transfer that is in its place, and what is to run for it.
#[derive(Debug)]
pub(crate) struct Arrived {
    pub(crate) transfer: TransferId,
    pub(crate) from: DisplayName,
    pub(crate) folder: PathBuf,
    /// The program and its arguments: see [`command_words`].
    pub(crate) command: Vec<String>,
}

/// Where arrivals wait for their command.
pub(crate) fn queue() -> (mpsc::Sender<Arrived>, mpsc::Receiver<Arrived>) {
    mpsc::channel(COMMANDS_WAITING)
}

/// Runs one command after the other until nobody can ask for more.
///
/// When the process ends, what waits has [`COMMAND_TIME`] in all.
pub(crate) async fn run(mut arrivals: mpsc::Receiver<Arrived>, shutdown: CancellationToken) {
    let patience = async {
        shutdown.cancelled().await;
        tokio::time::sleep(COMMAND_TIME).await;
    };
    let work = async {
        while let Some(arrived) = arrivals.recv().await {
            let ended = execute(&arrived).await;
            log(arrived.transfer, &ended);
        }
    };
    tokio::select! {
        () = work => {}
        () = patience => {}
    }
}

/// The words of a command: an absolute path and arguments, between spaces, with double quotes around what
/// holds spaces. `None` if it is no command.
pub(crate) fn command_words(text: &str) -> Option<Vec<String>> {
    if text.len() > COMMAND_BYTES || text.chars().any(char::is_control) {
        return None;
    }
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut is_quoted = false;
    for character in text.chars() {
        match character {
            '"' => {
                is_quoted = !is_quoted;
                word.get_or_insert_default();
            }
            ' ' if !is_quoted => words.extend(word.take()),
            other => word.get_or_insert_default().push(other),
        }
    }
    words.extend(word);
    let program = words.first()?;
    (!is_quoted && Path::new(program).is_absolute()).then_some(words)
}

/// How a command ended.
#[derive(Debug, thiserror::Error)]
enum CommandFailure {
    #[error("it could not be started: {0}")]
    NotStarted(#[source] std::io::Error),
    #[error("it took too long and was ended")]
    TooLong,
    #[error("it failed: {0}")]
    Failed(ExitStatus),
}

async fn execute(arrived: &Arrived) -> Result<(), CommandFailure> {
    let Some((program, arguments)) = arrived.command.split_first() else {
        return Ok(());
    };
    let mut child = Command::new(program)
        .args(arguments)
        .current_dir(&arrived.folder)
        .env("WHERRY_TRANSFER", arrived.transfer.to_string())
        // Escaped: what a contact is called must not steer what the program does with lines.
        .env("WHERRY_FROM", arrived.from.to_string())
        .env("WHERRY_FOLDER", &arrived.folder)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .map_err(CommandFailure::NotStarted)?;
    match tokio::time::timeout(COMMAND_TIME, child.wait()).await {
        Ok(Ok(status)) if status.success() => Ok(()),
        Ok(Ok(status)) => Err(CommandFailure::Failed(status)),
        Ok(Err(error)) => Err(CommandFailure::NotStarted(error)),
        Err(_) => {
            // It may have ended in this moment.
            child.kill().await.ok();
            Err(CommandFailure::TooLong)
        }
    }
}

fn log(transfer: TransferId, ended: &Result<(), CommandFailure>) {
    match ended {
        Ok(()) => tracing::info!(%transfer, "the command after receiving has run"),
        Err(error) => tracing::warn!(%transfer, %error, "the command after receiving"),
    }
}

#[cfg(test)]
mod tests;
