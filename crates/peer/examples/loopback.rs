//! Measures how fast connections between two processes on this machine are.
//!
//! ```text
//! cargo run --release -p peer --example loopback -- [connections] [seconds] [mtu] [buffer cap in bytes] [own|stock]
//! ```
//!
//! The sending process prints one line: payload rate of all connections together, the time from the first
//! offer to the last open channel divided by the connections (they open one after another), and the memory
//! of both processes at its highest.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command line tool prints"
)]

use std::io::{self, BufRead, Read, Write};
use std::net::{IpAddr, Ipv4Addr};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use bytes::Bytes;
use model::sdp::{self, CandidatePolicy, SdpKind};
use model::{Description, limits};
use peer::{Channel, Connection, ConnectionConfig, Engine, SocketBuffers};
use tokio::task::JoinSet;

type Failure = Box<dyn std::error::Error + Send + Sync>;

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.split_first() {
        Some((role, rest)) if role == RECEIVER => receive(Plan::read(rest)?).await,
        _ => send(Plan::read(&arguments)?).await,
    }
}

/// What to measure.
struct Plan {
    connections: usize,
    time: Duration,
    config: ConnectionConfig,
}

impl Plan {
    fn read(arguments: &[String]) -> Result<Self, Failure> {
        let number = |index: usize| {
            arguments
                .get(index)
                .map(|text| text.parse::<usize>())
                .transpose()
        };
        let defaults = ConnectionConfig::default();
        let mtu = number(2)?.map(u16::try_from).transpose()?;
        Ok(Self {
            connections: number(0)?.unwrap_or(4),
            time: Duration::from_secs(number(1)?.unwrap_or(5) as u64),
            config: ConnectionConfig {
                engine: match arguments.get(4).map(String::as_str) {
                    Some("own") => Engine::Own,
                    Some("stock") => Engine::Stock,
                    Some(other) => return Err(format!("no engine {other}").into()),
                    None => Engine::default(),
                },
                bind: vec![IpAddr::V4(Ipv4Addr::LOCALHOST)],
                mtu: mtu.unwrap_or(defaults.mtu),
                buffers: SocketBuffers {
                    cap_bytes: number(3)?,
                },
                ..defaults
            },
        })
    }
}

async fn send(plan: Plan) -> Result<(), Failure> {
    let arguments = std::env::args().skip(1);
    let mut child = Command::new(std::env::current_exe()?)
        .arg(RECEIVER)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()?;
    let mut wire = Wire::to_child(&mut child)?;

    let started = Instant::now();
    let mut connections = Vec::new();
    for _ in 0..plan.connections {
        let (mut pending, offer) = Connection::offer(plan.config.clone()).await?;
        wire.write(&sdp::render(&offer, SdpKind::Offer))?;
        pending.accept_answer(&wire.read_description()?).await?;
        connections.push(pending.connect().await?);
    }
    let open_time = started.elapsed() / u32::try_from(plan.connections)?;

    let started = Instant::now();
    let mut senders = JoinSet::new();
    for connection in &connections {
        senders.spawn(fill(connection.bulk(), started + plan.time));
    }
    while let Some(done) = senders.join_next().await {
        done??;
    }
    for connection in &connections {
        while connection.bulk().buffered_bytes().await > 0 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }
    let elapsed = started.elapsed();
    let bytes: u64 = connections
        .iter()
        .map(|connection| connection.statistics().sent_bytes)
        .sum();
    for connection in &connections {
        connection.close().await;
    }
    let report = wire.read()?;
    child.wait()?;
    println!(
        "{} connections: {:.0} MB/s, opened in {:.1} ms each, memory {} MB sending, {report} MB receiving",
        plan.connections,
        bytes as f64 / 1e6 / elapsed.as_secs_f64(),
        open_time.as_secs_f64() * 1e3,
        memory_mb()?,
    );
    Ok(())
}

async fn fill(channel: Channel, until: Instant) -> Result<(), Failure> {
    while Instant::now() < until {
        channel
            .send(Bytes::from(vec![0x5a; limits::CHANNEL_MESSAGE_BYTES]))
            .await?;
    }
    Ok(())
}

async fn receive(plan: Plan) -> Result<(), Failure> {
    let mut wire = Wire::to_parent();
    let mut readers = JoinSet::new();
    for _ in 0..plan.connections {
        let offer = wire.read_description()?;
        let (pending, answer) = Connection::answer(plan.config.clone(), &offer).await?;
        wire.write(&sdp::render(&answer, SdpKind::Answer))?;
        let connection = pending.connect().await?;
        readers.spawn(async move {
            let bulk = connection.bulk();
            while bulk.receive().await.is_some() {}
            connection.statistics().received_bytes
        });
    }
    let received: u64 = readers.join_all().await.into_iter().sum();
    eprintln!("received {} MB", received / 1_000_000);
    wire.write(&memory_mb()?.to_string())
}

/// Texts through a pipe, each with its length on a line before it.
struct Wire {
    from: Box<dyn BufRead>,
    to: Box<dyn Write>,
}

impl Wire {
    fn to_child(child: &mut Child) -> Result<Self, Failure> {
        let (from, to) = child
            .stdout
            .take()
            .zip(child.stdin.take())
            .ok_or("no pipes")?;
        Ok(Self {
            from: Box::new(io::BufReader::new(from)),
            to: Box::new(to),
        })
    }

    fn to_parent() -> Self {
        Self {
            from: Box::new(io::BufReader::new(io::stdin())),
            to: Box::new(io::stdout()),
        }
    }

    fn write(&mut self, text: &str) -> Result<(), Failure> {
        write!(self.to, "{}\n{text}", text.len())?;
        Ok(self.to.flush()?)
    }

    fn read(&mut self) -> Result<String, Failure> {
        let mut length = String::new();
        self.from.read_line(&mut length)?;
        let mut text = vec![0; length.trim().parse()?];
        self.from.read_exact(&mut text)?;
        Ok(String::from_utf8(text)?)
    }

    fn read_description(&mut self) -> Result<Description, Failure> {
        Ok(sdp::parse(&self.read()?, CandidatePolicy::EVERYTHING)?)
    }
}

/// The most memory this process has used, in MB (Linux).
#[expect(
    clippy::disallowed_methods,
    reason = "the kernel tells a process about itself through a file"
)]
fn memory_mb() -> Result<u64, Failure> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kib = line
        .and_then(|line| line.split_whitespace().next())
        .ok_or("no VmHWM")?;
    Ok(kib.parse::<u64>()? / 1024)
}

const RECEIVER: &str = "receiver";
