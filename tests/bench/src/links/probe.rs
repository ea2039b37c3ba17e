//! How long packets wait in the queue of a link: a few of our own go through it and are timed.

use std::net::{SocketAddr, UdpSocket};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use anyhow::Context as _;
use netlab::Lab;

/// Packets every few milliseconds from device a to device b.
#[derive(Debug)]
pub(super) struct Probe {
    is_over: Arc<AtomicBool>,
    heard: JoinHandle<Vec<Wait>>,
}

/// What one packet met.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wait {
    pub(super) sent: Instant,
    /// Beyond the delay of an empty link.
    pub(super) waited: Duration,
}

impl Probe {
    /// Begins on a link whose way takes `delay` when it is empty.
    pub(super) fn start(lab: &Lab, delay: Duration) -> anyhow::Result<Self> {
        let any = SocketAddr::from(([11, 1, 2, 10], 0));
        let to = lab.node("b").inside(|| UdpSocket::bind(any))?;
        let address = to.local_addr()?;
        to.set_read_timeout(Some(SILENCE))?;
        let any = SocketAddr::from(([0, 0, 0, 0], 0));
        let from = lab.node("a").inside(|| UdpSocket::bind(any))?;
        let is_over = Arc::new(AtomicBool::new(false));
        let begun = Instant::now();
        let flag = is_over.clone();
        thread::spawn(move || {
            while !flag.load(Ordering::Relaxed) {
                let now = u64::try_from(begun.elapsed().as_nanos()).unwrap_or(u64::MAX);
                // A packet that does not leave is one that says nothing.
                from.send_to(&now.to_be_bytes(), address).ok();
                thread::sleep(INTERVAL);
            }
        });
        let flag = is_over.clone();
        let heard = thread::spawn(move || listen(&to, begun, delay, &flag));
        Ok(Self { is_over, heard })
    }

    /// Ends, and tells what all of them met.
    pub(super) fn end(self) -> anyhow::Result<Vec<Wait>> {
        self.is_over.store(true, Ordering::Relaxed);
        let heard = self.heard.join();
        heard.ok().context("the listening thread ended early")
    }
}

fn listen(to: &UdpSocket, begun: Instant, delay: Duration, is_over: &AtomicBool) -> Vec<Wait> {
    let mut waits = Vec::new();
    let mut bytes = [0; 8];
    while !is_over.load(Ordering::Relaxed) {
        if to.recv(&mut bytes).is_err() {
            continue; // Silence: look whether it is over.
        }
        let sent = begun + Duration::from_nanos(u64::from_be_bytes(bytes));
        waits.push(Wait {
            sent,
            waited: sent.elapsed().saturating_sub(delay),
        });
    }
    waits
}

const INTERVAL: Duration = Duration::from_millis(4);
const SILENCE: Duration = Duration::from_millis(200);
