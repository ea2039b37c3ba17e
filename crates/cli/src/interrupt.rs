use std::future::Future;

/// Who ended a command before it was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Interruption {
    /// A person pressed Ctrl-C.
    Person,
    /// The system asked to end: SIGTERM; on Windows a closed console, a logoff or a shutdown.
    System,
}

/// Runs `work` until it ends, or until somebody does not want to wait for that.
pub(crate) async fn unless_interrupted<T>(
    work: impl Future<Output = T>,
) -> Result<T, Interruption> {
    tokio::select! {
        result = work => Ok(result),
        interruption = interrupted() => Err(interruption),
    }
}

/// Waits for somebody who wants an end.
#[cfg(unix)]
pub(crate) async fn interrupted() -> Interruption {
    use tokio::signal::unix::{SignalKind, signal};
    let Ok(mut terminate) = signal(SignalKind::terminate()) else {
        return std::future::pending().await;
    };
    tokio::select! {
        result = tokio::signal::ctrl_c() => person_unless_unavailable(result).await,
        _ = terminate.recv() => Interruption::System,
    }
}

/// Waits for somebody who wants an end.
#[cfg(windows)]
pub(crate) async fn interrupted() -> Interruption {
    use tokio::signal::windows::{ctrl_close, ctrl_logoff, ctrl_shutdown};
    let (Ok(mut close), Ok(mut logoff), Ok(mut shutdown)) =
        (ctrl_close(), ctrl_logoff(), ctrl_shutdown())
    else {
        return std::future::pending().await;
    };
    tokio::select! {
        result = tokio::signal::ctrl_c() => person_unless_unavailable(result).await,
        _ = close.recv() => Interruption::System,
        _ = logoff.recv() => Interruption::System,
        _ = shutdown.recv() => Interruption::System,
    }
}

async fn person_unless_unavailable(signal: std::io::Result<()>) -> Interruption {
    match signal {
        Ok(()) => Interruption::Person,
        Err(_) => std::future::pending().await,
    }
}
