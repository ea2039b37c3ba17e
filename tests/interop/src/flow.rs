//! One end of a flow, in a process of its own: told by lines what to do, it tells by lines what happens.
//!
//! ```text
//! in:   "a description, as JSON"   fill   calm   stamp
//! out:  "a description, as JSON"   open   taken BYTES   delay MICROSECONDS
//! ```

use std::io::{self, Write as _};
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, bail};
use bytes::Bytes;
use model::sdp::{self, CandidatePolicy, SdpKind};
use model::{Description, limits};
use peer::{AddressScope, Connection, ConnectionConfig, Engine};
use tokio::io::{AsyncBufReadExt as _, BufReader, Lines, Stdin};

/// Plays the part of whoever makes the offer, or answers it, until its input ends.
pub fn play(role: &str, place: &str) -> anyhow::Result<()> {
    let config = ConnectionConfig {
        engine: match std::env::var("WHERRY_PEER").as_deref() {
            Ok("stock") => Engine::Stock,
            Ok(_) | Err(_) => Engine::Own,
        },
        bind: match place {
            ON_LOOPBACK => vec![IpAddr::V4(Ipv4Addr::LOCALHOST)],
            _ => peer::addresses(AddressScope::Network)?,
        },
        ..ConnectionConfig::default()
    };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    runtime.block_on(run(role == OFFER, config))
}

async fn run(makes_offer: bool, config: ConnectionConfig) -> anyhow::Result<()> {
    let mut orders = BufReader::new(tokio::io::stdin()).lines();
    let pending = if makes_offer {
        let (mut pending, offer) = Connection::offer(config).await?;
        tell_description(&offer, SdpKind::Offer)?;
        pending
            .accept_answer(&described(&mut orders).await?)
            .await?;
        pending
    } else {
        let offer = described(&mut orders).await?;
        let (pending, answer) = Connection::answer(config, &offer).await?;
        tell_description(&answer, SdpKind::Answer)?;
        pending
    };
    let connection = pending.connect().await?;
    tell("open")?;
    let is_filling = Arc::new(AtomicBool::new(false));
    let is_stamping = Arc::new(AtomicBool::new(false));
    tokio::select! {
        done = obey(&mut orders, &is_filling, &is_stamping) => done?,
        done = fill(&connection, &is_filling) => done?,
        done = stamp(&connection, &is_stamping) => done?,
        done = drain(&connection) => done?,
        done = hear(&connection) => done?,
        done = count(&connection) => done?,
    }
    connection.close().await;
    Ok(())
}

async fn described(orders: &mut Lines<BufReader<Stdin>>) -> anyhow::Result<Description> {
    let line = orders.next_line().await?.context("no description")?;
    let text: String = serde_json::from_str(&line)?;
    Ok(sdp::parse(&text, CandidatePolicy::EVERYTHING)?)
}

fn tell_description(description: &Description, kind: SdpKind) -> anyhow::Result<()> {
    tell(&serde_json::to_string(&sdp::render(description, kind))?)
}

fn tell(line: &str) -> anyhow::Result<()> {
    let mut stdout = io::stdout().lock();
    writeln!(stdout, "{line}")?;
    Ok(stdout.flush()?)
}

async fn obey(
    orders: &mut Lines<BufReader<Stdin>>,
    is_filling: &AtomicBool,
    is_stamping: &AtomicBool,
) -> anyhow::Result<()> {
    while let Some(order) = orders.next_line().await? {
        match order.as_str() {
            FILL => is_filling.store(true, Ordering::Relaxed),
            CALM => is_filling.store(false, Ordering::Relaxed),
            STAMP => is_stamping.store(true, Ordering::Relaxed),
            other => bail!("no order: {other}"),
        }
    }
    Ok(())
}

async fn fill(connection: &Connection, is_filling: &AtomicBool) -> anyhow::Result<()> {
    let bulk = connection.bulk();
    let piece = Bytes::from(vec![0x5a; limits::CHANNEL_MESSAGE_BYTES]);
    loop {
        if is_filling.load(Ordering::Relaxed) {
            bulk.send(piece.clone()).await?;
        } else {
            tokio::time::sleep(TICK).await;
        }
    }
}

/// Says on the control channel what time it is, again and again.
async fn stamp(connection: &Connection, is_stamping: &AtomicBool) -> anyhow::Result<()> {
    let control = connection.control();
    loop {
        tokio::time::sleep(TICK).await;
        if is_stamping.load(Ordering::Relaxed) {
            let now = now_micros()?.to_be_bytes();
            control.send(Bytes::copy_from_slice(&now)).await?;
        }
    }
}

async fn drain(connection: &Connection) -> anyhow::Result<()> {
    let bulk = connection.bulk();
    while bulk.receive().await.is_some() {}
    bail!("the connection is over")
}

async fn hear(connection: &Connection) -> anyhow::Result<()> {
    let control = connection.control();
    while let Some(message) = control.receive().await {
        let sent = u128::from_be_bytes(message.as_ref().try_into()?);
        tell(&format!("delay {}", now_micros()?.saturating_sub(sent)))?;
    }
    bail!("the connection is over")
}

async fn count(connection: &Connection) -> anyhow::Result<()> {
    let mut before = 0;
    loop {
        tokio::time::sleep(TICK).await;
        let taken = connection.statistics().received_bytes;
        if taken != before {
            tell(&format!("taken {taken}"))?;
            before = taken;
        }
    }
}

/// Both ends run on one machine, so they have one clock.
fn now_micros() -> anyhow::Result<u128> {
    Ok(SystemTime::now().duration_since(UNIX_EPOCH)?.as_micros())
}

/// The argument that makes this program the end that offers.
pub const OFFER: &str = "flow-offer";
/// The argument that makes this program the end that answers.
pub const ANSWER: &str = "flow-answer";
/// The argument that keeps an end on loopback.
pub const ON_LOOPBACK: &str = "loopback";
/// The argument that lets an end use all other addresses.
pub const ON_NETWORK: &str = "network";
/// The order to send as much as fits.
pub const FILL: &str = "fill";
/// The order to send no more.
pub const CALM: &str = "calm";
/// The order to say again and again what time it is.
pub const STAMP: &str = "stamp";
const TICK: Duration = Duration::from_millis(5);
