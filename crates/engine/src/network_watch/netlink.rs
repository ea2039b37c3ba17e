//! Linux tells changes of its networks over a socket (rtnetlink(7)).

use std::io;
use std::os::unix::net::UnixDatagram as StdDatagram;

use rustix::net::netlink::SocketAddrNetlink;
use rustix::net::{AddressFamily, SocketFlags, SocketType, bind, socket_with};
use tokio::net::UnixDatagram;

use super::ChangeSource;

/// A socket that hears of interfaces, addresses and routes.
pub(super) struct Netlink {
    /// Of another family than its type says, but receiving is the same.
    socket: UnixDatagram,
}

impl Netlink {
    pub(super) fn open() -> io::Result<Self> {
        let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
        let socket = socket_with(AddressFamily::NETLINK, SocketType::RAW, flags, None)?;
        bind(&socket, &SocketAddrNetlink::new(0, GROUPS))?;
        Ok(Self {
            socket: UnixDatagram::from_std(StdDatagram::from(socket))?,
        })
    }
}

impl ChangeSource for Netlink {
    async fn changed(&mut self) -> io::Result<()> {
        match self.socket.recv(&mut [0; MESSAGE_BYTES]).await {
            // Too much happened at once to be told: that is a change as well.
            Err(error) if error.raw_os_error() == Some(NO_BUFFERS) => Ok(()),
            received => received.map(drop),
        }
    }
}

/// Links, addresses and routes, as `RTMGRP_…` of linux/rtnetlink.h number them.
const GROUPS: u32 = 0x1 | 0x10 | 0x40 | 0x100 | 0x400;
/// What a message says does not matter, only that it came: the rest is cut off.
const MESSAGE_BYTES: usize = 64;
const NO_BUFFERS: i32 = rustix::io::Errno::NOBUFS.raw_os_error();
