//! A TUN device: an interface whose packets this process reads and writes.

use std::fs::{File, OpenOptions};
use std::os::unix::fs::OpenOptionsExt as _;

use anyhow::{Context as _, Result, ensure};
use rustix::fs::OFlags;
use rustix::io::Errno;
use rustix::ioctl;

use crate::node::Node;

/// The process's end of a device; the device goes with it.
#[derive(Debug)]
pub(crate) struct Tun {
    file: File,
}

impl Tun {
    /// The next packet that the system sends into the device, or `None` if there is none right now.
    pub(crate) fn read(&self, packet: &mut [u8]) -> Option<usize> {
        rustix::io::read(&self.file, packet).ok()
    }

    /// Lets the system receive a packet; one that it does not take is lost.
    pub(crate) fn write(&self, packet: &[u8]) {
        while rustix::io::write(&self.file, packet) == Err(Errno::INTR) {}
    }

    /// What to wait on for packets.
    pub(crate) fn file(&self) -> &File {
        &self.file
    }
}

/// Makes a device of that name in the namespace of `node`, down at first.
pub(crate) fn open(node: &Node, name: &str) -> Result<Tun> {
    ensure!(
        name.len() < NAME_BYTES,
        "`{name}` is too long for an interface"
    );
    node.inside(|| {
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .custom_flags(OFlags::NONBLOCK.bits().cast_signed())
            .open("/dev/net/tun")
            .context("open /dev/net/tun")?;
        attach(&file, name).context("make a TUN device")?;
        Ok(Tun { file })
    })
}

fn attach(file: &File, name: &str) -> rustix::io::Result<()> {
    let mut request = Request {
        name: [0; NAME_BYTES],
        flags: IFF_TUN | IFF_NO_PI,
        rest: [0; 22],
    };
    request.name[..name.len()].copy_from_slice(name.as_bytes());
    // SAFETY: TUNSETIFF reads and writes one `struct ifreq`, which is what `Request` is.
    #[expect(unsafe_code, reason = "the kernel offers TUN devices by ioctl only")]
    unsafe {
        ioctl::ioctl(
            file,
            ioctl::Updater::<TUNSETIFF, Request>::new(&mut request),
        )
    }
}

/// `struct ifreq` of linux/if.h, with the flags in its union.
#[repr(C)]
struct Request {
    name: [u8; NAME_BYTES],
    flags: u16,
    rest: [u8; 22],
}

const NAME_BYTES: usize = 16;
const IFF_TUN: u16 = 0x0001;
const IFF_NO_PI: u16 = 0x1000;
const TUNSETIFF: ioctl::Opcode = ioctl::opcode::write::<std::ffi::c_int>(b'T', 202);
