//! Flows through a lab: ours between two processes, and TCP.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Child, ChildStdin, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use interop::flow as part;
use netlab::Lab;
use socket2::SockRef;

/// Payload that has arrived so far.
#[derive(Debug, Clone, Default)]
pub(super) struct Counter(Arc<AtomicU64>);

/// One of our connections between two processes; they end when it is dropped.
#[derive(Debug)]
pub(super) struct Flow {
    from: End,
    to: End,
    /// From the descriptions' way across to channels that are open on both sides.
    pub(super) open_seconds: f64,
}

/// One process.
#[derive(Debug)]
struct End {
    child: Child,
    orders: ChildStdin,
    facts: Receiver<String>,
    delays: Receiver<u64>,
    taken: Counter,
}

/// A TCP connection that is full all the time; it ends when dropped.
#[derive(Debug)]
pub(super) struct Tcp {
    stream: TcpStream,
    pub(super) taken: Counter,
}

impl Counter {
    pub(super) fn bytes(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// What each counter gained in this time, in Mbit/s.
pub(super) fn rates<const N: usize>(counters: [&Counter; N], time: Duration) -> [f64; N] {
    let begun = Instant::now();
    let before = counters.map(Counter::bytes);
    thread::sleep(time);
    let seconds = begun.elapsed().as_secs_f64();
    let mut rates = counters.map(|it| it.bytes() as f64);
    for (rate, before) in rates.iter_mut().zip(before) {
        *rate = (*rate - before as f64) * 8e-6 / seconds;
    }
    rates
}

impl Flow {
    /// From device a to device b.
    pub(super) fn across(lab: &Lab) -> anyhow::Result<Self> {
        Self::open(lab, ["a", "b"], part::ON_NETWORK)
    }

    /// Between two processes of one device.
    pub(super) fn on_loopback(lab: &Lab) -> anyhow::Result<Self> {
        Self::open(lab, ["a", "a"], part::ON_LOOPBACK)
    }

    fn open(lab: &Lab, nodes: [&str; 2], place: &str) -> anyhow::Result<Self> {
        let [from, to] = nodes;
        let mut from = End::start(lab, from, part::OFFER, place)?;
        let mut to = End::start(lab, to, part::ANSWER, place)?;
        let offer = from.fact()?;
        let begun = Instant::now();
        to.order(&offer)?;
        from.order(&to.fact()?)?;
        for end in [&from, &to] {
            let fact = end.fact()?;
            anyhow::ensure!(fact == "open", "instead of a channel: {fact}");
        }
        Ok(Self {
            from,
            to,
            open_seconds: begun.elapsed().as_secs_f64(),
        })
    }

    pub(super) fn fill(&mut self) -> anyhow::Result<()> {
        self.from.order(part::FILL)
    }

    pub(super) fn calm(&mut self) -> anyhow::Result<()> {
        self.from.order(part::CALM)
    }

    pub(super) fn stamp(&mut self) -> anyhow::Result<()> {
        self.from.order(part::STAMP)
    }

    pub(super) fn taken(&self) -> &Counter {
        &self.to.taken
    }

    /// What control messages took since the last call, in milliseconds.
    pub(super) fn delays_ms(&self) -> Vec<f64> {
        let delays = self.to.delays.try_iter();
        delays.map(|micros| micros as f64 / 1e3).collect()
    }
}

impl End {
    fn start(lab: &Lab, node: &str, role: &str, place: &str) -> anyhow::Result<Self> {
        let mut command = lab.node(node).command(std::env::current_exe()?);
        command.args([role, place]);
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().context("one end of a flow")?;
        let orders = child.stdin.take().context("it is told what to do")?;
        let said = child.stdout.take().context("it tells what happens")?;
        let (fact, facts) = sync_channel(FACTS);
        let (delay, delays) = sync_channel(DELAYS);
        let taken = Counter::default();
        let counter = taken.clone();
        thread::spawn(move || {
            for line in BufReader::new(said).lines().map_while(Result::ok) {
                let (word, number) = line.split_once(' ').unwrap_or((&line, ""));
                match (word, number.parse()) {
                    ("taken", Ok(bytes)) => counter.0.store(bytes, Ordering::Relaxed),
                    // Nobody may be interested any more.
                    ("delay", Ok(micros)) => drop(delay.try_send(micros)),
                    _ => drop(fact.send(line)),
                }
            }
        });
        Ok(Self {
            child,
            orders,
            facts,
            delays,
            taken,
        })
    }

    fn order(&mut self, order: &str) -> anyhow::Result<()> {
        Ok(writeln!(self.orders, "{order}")?)
    }

    fn fact(&self) -> anyhow::Result<String> {
        let fact = self.facts.recv_timeout(PATIENCE);
        fact.context("one end of a flow is silent")
    }
}

impl Drop for End {
    fn drop(&mut self) {
        // It may be over already.
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

impl Tcp {
    /// From device a to device b, with CUBIC.
    pub(super) fn across(lab: &Lab) -> anyhow::Result<Self> {
        let address = SocketAddr::from(([11, 1, 2, 10], 0));
        let listener = lab.node("b").inside(|| TcpListener::bind(address))?;
        let address = listener.local_addr()?;
        let stream = lab.node("a").inside(|| TcpStream::connect(address))?;
        SockRef::from(&stream).set_tcp_congestion(b"cubic")?;
        let (mut incoming, _) = listener.accept()?;
        let taken = Counter::default();
        let counter = taken.clone();
        thread::spawn(move || {
            let mut buffer = vec![0; BUFFER_BYTES];
            while let Ok(count @ 1..) = incoming.read(&mut buffer) {
                counter.0.fetch_add(count as u64, Ordering::Relaxed);
            }
        });
        let mut outgoing = stream.try_clone()?;
        thread::spawn(move || {
            let buffer = vec![0x5a; BUFFER_BYTES];
            while outgoing.write_all(&buffer).is_ok() {}
        });
        Ok(Self { stream, taken })
    }
}

impl Drop for Tcp {
    fn drop(&mut self) {
        // Both threads notice; the connection may have broken before.
        self.stream.shutdown(std::net::Shutdown::Both).ok();
    }
}

/// Waits until `counter` has grown, and says how many seconds that took; for ever if it has not after `most`.
pub(super) fn until_grown(counter: &Counter, most: Duration) -> f64 {
    let begun = Instant::now();
    let before = counter.bytes();
    while counter.bytes() == before {
        if begun.elapsed() > most {
            return f64::INFINITY;
        }
        thread::sleep(Duration::from_millis(1));
    }
    begun.elapsed().as_secs_f64()
}

const FACTS: usize = 8;
/// More than are told in a minute.
const DELAYS: usize = 16_384;
const PATIENCE: Duration = Duration::from_secs(20);
const BUFFER_BYTES: usize = 128 * 1024;
