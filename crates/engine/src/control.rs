//! The local line between processes of one home: a Unix socket, or a named pipe on Windows. Only the user
//! whose home it is can open it.

#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

#[cfg(unix)]
pub(crate) use unix::{Connection, Listener, connect};
#[cfg(windows)]
pub(crate) use windows::{Connection, Listener, connect};
