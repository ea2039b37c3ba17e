use std::io;
use std::path::Path;

use tokio::net::{UnixListener, UnixStream};

/// An open line; splits into its two directions with [`tokio::io::split`].
pub(crate) type Connection = UnixStream;

/// Where other processes knock. The folder that holds the socket is its user's alone.
#[derive(Debug)]
pub(crate) struct Listener(UnixListener);

impl Listener {
    /// Listens at `path`; the caller holds the lock of the home.
    pub(crate) fn bind(path: &Path) -> io::Result<Self> {
        // A socket that is there belongs to a process that died.
        store::remove_socket(path);
        UnixListener::bind(path).map(Self)
    }

    pub(crate) async fn accept(&self) -> io::Result<Connection> {
        self.0.accept().await.map(|(stream, _)| stream)
    }
}

/// Connects to the owner of a home.
pub(crate) async fn connect(path: &Path) -> io::Result<Connection> {
    UnixStream::connect(path).await
}
