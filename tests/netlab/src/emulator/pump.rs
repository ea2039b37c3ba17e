//! One thread that carries packets in one direction.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::num::NonZeroU64;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::thread::set_current_timer_slack;

use super::params::LinkParams;
use super::shaper::{Fate, Shaper, Tally};
use super::tun::Tun;

/// What a pump and its link share.
#[derive(Debug)]
pub(super) struct Direction {
    shaper: Mutex<Shaper>,
    tally: Mutex<Tally>,
    is_stopped: AtomicBool,
}

impl Direction {
    pub(super) fn new(params: LinkParams) -> Self {
        static SEED: AtomicU64 = AtomicU64::new(0x9e37_79b9_7f4a_7c15);
        let seed = SEED.fetch_add(0x1234_5678_9abc_def1, Ordering::Relaxed);
        Self {
            shaper: Mutex::new(Shaper::new(params, seed)),
            tally: Mutex::default(),
            is_stopped: AtomicBool::new(false),
        }
    }

    pub(super) fn change(&self, params: LinkParams) {
        locked(&self.shaper).change(params);
    }

    pub(super) fn params(&self) -> LinkParams {
        locked(&self.shaper).params()
    }

    pub(super) fn tally(&self) -> Tally {
        *locked(&self.tally)
    }

    pub(super) fn stop(&self) {
        self.is_stopped.store(true, Ordering::Relaxed);
    }

    /// When a packet of `bytes` comes out, if it does.
    fn admit(&self, bytes: usize, now: u64) -> Option<u64> {
        let fate = locked(&self.shaper).admit(bytes, now);
        locked(&self.tally).count(bytes, fate);
        match fate {
            Fate::Release(at) => Some(at),
            Fate::Lost | Fate::Overflowed | Fate::Down => None,
        }
    }

    fn is_down(&self) -> bool {
        locked(&self.shaper).params().down
    }
}

/// Carries packets until it is stopped.
pub(super) fn run(from: &Tun, to: &Tun, direction: &Direction) {
    // Wake up when it is time, not up to 50 µs later; without that it is only less exact.
    set_current_timer_slack(NonZeroU64::new(1)).ok();
    let start = Instant::now();
    let now = || u64::try_from(start.elapsed().as_nanos()).unwrap_or(u64::MAX);
    let mut road = Road::default();
    let mut packet = vec![0; PACKET_BYTES];
    while !direction.is_stopped.load(Ordering::Relaxed) {
        while let Some(packet) = road.arrived(now()) {
            // What was on a link that broke is gone.
            if !direction.is_down() {
                to.write(&packet);
            }
        }
        wait(from, road.next_arrival(), now());
        for _ in 0..READS_IN_A_ROW {
            let Some(bytes) = from.read(&mut packet) else {
                break;
            };
            let arrived = now();
            if let Some(at) = direction.admit(bytes, arrived) {
                road.push(at, &packet[..bytes]);
            }
        }
    }
}

fn wait(from: &Tun, next_arrival: Option<u64>, now: u64) {
    let nanos = next_arrival.map_or(IDLE_NANOS, |at| at.saturating_sub(now).min(IDLE_NANOS));
    let timeout = Timespec {
        tv_sec: 0,
        tv_nsec: nanos.try_into().expect("less than a second"),
    };
    let mut sources = [PollFd::new(from.file(), PollFlags::IN)];
    // Woken too early, the loop only goes round once more.
    poll(&mut sources, Some(&timeout)).ok();
}

/// Packets on their way, by the time at which they come out.
#[derive(Default)]
struct Road {
    packets: BinaryHeap<Reverse<(u64, u64, Vec<u8>)>>,
    pushed: u64,
}

impl Road {
    fn push(&mut self, at: u64, packet: &[u8]) {
        self.pushed += 1;
        self.packets
            .push(Reverse((at, self.pushed, packet.to_vec())));
    }

    fn next_arrival(&self) -> Option<u64> {
        self.packets.peek().map(|Reverse((at, _, _))| *at)
    }

    fn arrived(&mut self, now: u64) -> Option<Vec<u8>> {
        if self.next_arrival()? > now {
            return None;
        }
        self.packets.pop().map(|Reverse((_, _, packet))| packet)
    }
}

fn locked<T>(shared: &Mutex<T>) -> MutexGuard<'_, T> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The largest IP packet.
const PACKET_BYTES: usize = 65_536;
/// What comes out in time must not wait for a flood to end.
const READS_IN_A_ROW: usize = 64;
/// How often an idle pump looks whether it is stopped.
const IDLE_NANOS: u64 = 50_000_000;
