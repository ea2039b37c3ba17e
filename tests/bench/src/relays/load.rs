use std::net::UdpSocket;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use super::Relayed;
use super::allocation::{Allocation, PAYLOAD_BYTES, WRAPPED_BYTES};
use super::program::Program;

/// Pushes data both ways through all allocations, as fast as they arrive, and says what the relay did.
///
/// Datagrams are sent and received one by one, as they come from a wire: whoever relays gets nothing for free
/// because this machine hands bursts from process to process.
pub(super) fn put(allocations: Vec<Allocation>, program: &Program) -> anyhow::Result<Relayed> {
    let counts = Counts::default();
    let mut shares: Vec<Vec<Way>> = (0..THREADS).map(|_| Vec::new()).collect();
    for (number, allocation) in allocations.iter().enumerate() {
        shares[number % THREADS].extend(Way::both(allocation));
    }
    thread::scope(|scope| {
        for share in &mut shares {
            scope.spawn(|| push(share, &counts));
        }
        thread::sleep(WARM_UP_TIME);
        let measured = counts.watch(program);
        counts.is_over.store(true, Ordering::Relaxed);
        measured
    })
}

/// What all threads have done.
#[derive(Default)]
struct Counts {
    arrived: AtomicU64,
    lost: AtomicU64,
    is_over: AtomicBool,
}

impl Counts {
    fn watch(&self, program: &Program) -> anyhow::Result<Relayed> {
        let look = || {
            let counts = [&self.arrived, &self.lost].map(|it| it.load(Ordering::Relaxed) as f64);
            anyhow::Ok((Instant::now(), program.cpu_seconds()?, counts))
        };
        let (begun, cpu_before, [arrived_before, lost_before]) = look()?;
        thread::sleep(MEASURED_TIME);
        let (ended, cpu_after, [arrived_after, lost_after]) = look()?;
        let seconds = ended.duration_since(begun).as_secs_f64();
        let arrived = arrived_after - arrived_before;
        let lost = lost_after - lost_before;
        Ok(Relayed {
            mbit_per_s: arrived * PAYLOAD_BYTES as f64 * 8.0 / 1e6 / seconds,
            cores: (cpu_after - cpu_before) / seconds,
            lost_percent: 100.0 * lost / (arrived + lost).max(1.0),
        })
    }
}

/// One direction of an allocation.
struct Way<'a> {
    from: &'a UdpSocket,
    to: &'a UdpSocket,
    datagram: &'a [u8],
    arrives_bytes: usize,
    on_the_way: usize,
    heard_at: Instant,
}

impl<'a> Way<'a> {
    fn both(allocation: &'a Allocation) -> [Self; 2] {
        let Allocation {
            client,
            peer,
            wrapped,
        } = allocation;
        let way = |from, to, datagram, arrives_bytes| Self {
            from,
            to,
            datagram,
            arrives_bytes,
            on_the_way: 0,
            heard_at: Instant::now(),
        };
        let payload = &wrapped[WRAPPED_BYTES - PAYLOAD_BYTES..];
        [
            way(client, peer, wrapped, PAYLOAD_BYTES),
            way(peer, client, payload, WRAPPED_BYTES),
        ]
    }

    /// Takes what has arrived and sends as much again; what does not arrive for long is lost.
    fn turn(&mut self, counts: &Counts) -> bool {
        let mut buffer = [0; 2_048];
        let mut arrived = 0;
        while let Ok(length) = self.to.recv(&mut buffer) {
            arrived += usize::from(length == self.arrives_bytes);
        }
        if arrived > 0 {
            self.heard_at = Instant::now();
            self.on_the_way = self.on_the_way.saturating_sub(arrived);
            counts.arrived.fetch_add(arrived as u64, Ordering::Relaxed);
        } else if self.on_the_way > 0 && self.heard_at.elapsed() > LOSS_TIME {
            counts
                .lost
                .fetch_add(self.on_the_way as u64, Ordering::Relaxed);
            self.on_the_way = 0;
        }
        // In bursts, as transfers send.
        let is_due = self.on_the_way <= WINDOW / 2;
        while is_due && self.on_the_way < WINDOW && self.from.send(self.datagram).is_ok() {
            self.heard_at = Instant::now();
            self.on_the_way += 1;
        }
        arrived > 0
    }
}

fn push(ways: &mut [Way<'_>], counts: &Counts) {
    while !counts.is_over.load(Ordering::Relaxed) {
        let mut is_busy = false;
        for way in &mut *ways {
            is_busy |= way.turn(counts);
        }
        if !is_busy {
            thread::yield_now();
        }
    }
}

/// Half of the cores of a small machine; the rest is for the relay.
const THREADS: usize = 2;
/// Datagrams of one direction on their way: coturn's sockets hold twice as many.
const WINDOW: usize = 16;
/// On loopback nothing takes so long, not even where all cores are busy.
const LOSS_TIME: Duration = Duration::from_secs(1);
const WARM_UP_TIME: Duration = Duration::from_secs(1);
const MEASURED_TIME: Duration = Duration::from_secs(4);
