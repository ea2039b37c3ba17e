use std::io;
use std::path::Path;

use interprocess::local_socket::tokio::prelude::*;
use interprocess::local_socket::{GenericFilePath, ListenerOptions};
use interprocess::os::windows::local_socket::ListenerOptionsExt as _;
use interprocess::os::windows::security_descriptor::SecurityDescriptor;
use widestring::u16cstr;

/// An open line; splits into its two directions with [`tokio::io::split`].
pub(crate) type Connection = LocalSocketStream;

/// Where other processes knock.
#[derive(Debug)]
pub(crate) struct Listener(LocalSocketListener);

impl Listener {
    /// Listens at `path`, a name below `\\.\pipe\`; fails if another process has it. Without a list of its
    /// own, a pipe lets everybody read.
    pub(crate) fn bind(path: &Path) -> io::Result<Self> {
        let only_owner = SecurityDescriptor::deserialize(u16cstr!("D:P(A;;GA;;;OW)"))?;
        ListenerOptions::new()
            .name(path.to_fs_name::<GenericFilePath>()?)
            .security_descriptor(only_owner)
            .create_tokio()
            .map(Self)
    }

    pub(crate) async fn accept(&self) -> io::Result<Connection> {
        self.0.accept().await
    }
}

/// Connects to the owner of a home.
pub(crate) async fn connect(path: &Path) -> io::Result<Connection> {
    LocalSocketStream::connect(path.to_fs_name::<GenericFilePath>()?).await
}
