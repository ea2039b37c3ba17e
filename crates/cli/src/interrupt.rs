use std::future::Future;

/// Runs `work` until it ends, or returns `None` when the person pressed Ctrl-C or the system asked to end.
pub(crate) async fn unless_interrupted<T>(work: impl Future<Output = T>) -> Option<T> {
    tokio::select! {
        result = work => Some(result),
        () = interrupted() => None,
    }
}

#[cfg(unix)]
async fn interrupted() {
    use tokio::signal::unix::{SignalKind, signal};
    let Ok(mut terminate) = signal(SignalKind::terminate()) else {
        return std::future::pending().await;
    };
    tokio::select! {
        result = tokio::signal::ctrl_c() => wait_if_unavailable(result).await,
        _ = terminate.recv() => {}
    }
}

#[cfg(not(unix))]
async fn interrupted() {
    wait_if_unavailable(tokio::signal::ctrl_c().await).await;
}

async fn wait_if_unavailable(signal: std::io::Result<()>) {
    if signal.is_err() {
        std::future::pending::<()>().await;
    }
}
