//! An end with any number of channels: the association below the engine, between the engine's own ICE and DTLS.
//!
//! ```text
//! in:   "a description, as JSON"   open LABEL ORDERED RELIABILITY   send LABEL BYTES COUNT   close LABEL   lose ONE_IN
//! out:  "a description, as JSON"   up   channel LABEL ORDERED RELIABILITY   message LABEL KIND BYTES SUM   closed LABEL
//! ```
//!
//! RELIABILITY is `reliable`, `retransmits=N` or `lifetime=MILLISECONDS`. What comes on a channel goes back on it, unless
//! its label begins with `quiet`, or with `theirs`: then the other end does that.

use std::collections::{BTreeMap, VecDeque};
use std::io::{self, BufRead as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::sync::mpsc::{Receiver, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use bytes::Bytes;
use model::sdp::{self, CandidatePolicy, SdpKind};
use model::{Description, DtlsRole, Entropy};
use ring::rand::{SecureRandom as _, SystemRandom};
use sctp_proto::{
    Association, ChannelId, ChannelOptions, Config, Input, Message, MessageKind, Output,
    Reliability, Side,
};

use super::dtls::{Dtls, Heard, Identity};
use super::ice::{Finding, Ice};

/// Makes an offer or answers one, and obeys until its input ends.
pub(crate) fn play(makes_offer: bool) -> anyhow::Result<()> {
    let (order, orders) = sync_channel(ORDERS);
    thread::spawn(move || {
        let lines = io::stdin().lock().lines().map_while(Result::ok);
        // The other half may be over.
        lines.map(|line| order.send(line)).all(|sent| sent.is_ok());
    });
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?;
    socket.set_read_timeout(Some(TICK))?;
    let provider = rtc_ice::crypto::default_provider()?;
    let identity = Identity::generate(provider.clone())?;
    let local = socket.local_addr()?;
    let mut ice = Ice::new([local].into_iter(), provider, Instant::now())?;
    let (ice_ufrag, ice_pwd) = ice.credentials();
    let mut own = Description {
        ice_ufrag,
        ice_pwd,
        fingerprint: identity.fingerprint(),
        dtls_role: DtlsRole::ActPass,
        candidates: ice.candidates(),
    };
    let peer = if makes_offer {
        tell(&serde_json::to_string(&sdp::render(&own, SdpKind::Offer))?)?;
        described(&orders)?
    } else {
        let peer = described(&orders)?;
        own.dtls_role = DtlsRole::Active;
        tell(&serde_json::to_string(&sdp::render(&own, SdpKind::Answer))?)?;
        peer
    };
    let is_client = own.dtls_role == DtlsRole::Active || peer.dtls_role == DtlsRole::Passive;
    let dtls = identity.session(peer.fingerprint, is_client)?;
    ice.begin(&peer, makes_offer, Instant::now())?;
    let end = End {
        socket,
        local,
        ice,
        dtls,
        remote: None,
        association: None,
        labels: BTreeMap::new(),
        echoes: VecDeque::new(),
        loss: Loss::default(),
    };
    end.run(&orders)
}

/// Everything of one end.
struct End {
    socket: UdpSocket,
    local: SocketAddr,
    ice: Ice,
    dtls: Dtls,
    remote: Option<SocketAddr>,
    association: Option<Association>,
    labels: BTreeMap<ChannelId, String>,
    /// What waits for room.
    echoes: VecDeque<(ChannelId, MessageKind, Bytes)>,
    loss: Loss,
}

/// Loses one datagram in so many of each direction; none of 0.
#[derive(Default)]
struct Loss {
    one_in: u32,
    passed: u32,
}

impl Loss {
    fn strikes(&mut self) -> bool {
        self.passed = self.passed.wrapping_add(1);
        self.one_in > 0 && self.passed.is_multiple_of(self.one_in)
    }
}

impl End {
    fn run(mut self, orders: &Receiver<String>) -> anyhow::Result<()> {
        loop {
            match orders.try_recv() {
                Ok(order) => self.obey(&order)?,
                Err(std::sync::mpsc::TryRecvError::Empty) => {}
                Err(std::sync::mpsc::TryRecvError::Disconnected) => return Ok(()),
            }
            self.fire();
            self.listen()?;
            self.send_echoes();
            self.tell_outputs()?;
            self.transmit();
        }
    }

    fn obey(&mut self, order: &str) -> anyhow::Result<()> {
        let words: Vec<&str> = order.split(' ').collect();
        if let ["lose", one_in] = words[..] {
            self.loss.one_in = one_in.parse()?;
            return Ok(());
        }
        let labels = &self.labels;
        let labelled = |label: &str| {
            let found = labels.iter().find(|(_, it)| *it == label);
            let found = found.map(|(channel, _)| *channel);
            found.with_context(|| format!("no channel {label}"))
        };
        let association = self.association.as_mut().context("it is not up")?;
        match words[..] {
            ["open", label, ordered, reliability] => {
                let channel = association.open_channel(ChannelOptions {
                    ordered: ordered == "true",
                    reliability: reliability_of(reliability)?,
                    ..ChannelOptions::new(label)
                })?;
                self.labels.insert(channel, label.to_owned());
            }
            ["send", label, bytes, count] => {
                let channel = labelled(label)?;
                let payload = pattern(bytes.parse()?);
                for _ in 0..count.parse()? {
                    let echo = (channel, MessageKind::Binary, payload.clone());
                    self.echoes.push_back(echo);
                }
            }
            ["close", label] => {
                let channel = labelled(label)?;
                association.close_channel(channel);
            }
            _ => bail!("no order: {order}"),
        }
        Ok(())
    }

    fn fire(&mut self) {
        let now = Instant::now();
        if self.ice.deadline().is_some_and(|at| at <= now) {
            self.ice.handle_timeout(now);
        }
        if self.dtls.deadline().is_some_and(|at| at <= now) {
            self.dtls.handle_timeout(now);
        }
        if let Some(association) = &mut self.association
            && association.deadline().is_some_and(|at| at <= now)
        {
            association.handle_input(Input::Timeout, now);
        }
        while let Some(finding) = self.ice.poll_finding() {
            if let Finding::Path { remote, .. } = finding {
                self.remote = Some(remote);
                self.dtls.begin(now);
            }
        }
    }

    /// Reads what has come, and waits a moment when nothing has.
    fn listen(&mut self) -> anyhow::Result<()> {
        let mut datagram = [0; 2_048];
        for _ in 0..READS_IN_A_ROW {
            let Ok((count, remote)) = self.socket.recv_from(&mut datagram) else {
                return Ok(());
            };
            let (datagram, now) = (&datagram[..count], Instant::now());
            if datagram.first().is_some_and(|&first| first < 4) {
                self.ice.read(self.local, remote, datagram, now);
                continue;
            }
            if self.loss.strikes() {
                continue;
            }
            self.remote.get_or_insert(remote);
            self.ice.note_life(self.local, remote, now);
            let mut heard = Vec::new();
            self.dtls.read(datagram, now, &mut heard);
            for heard in heard {
                self.take(heard, now)?;
            }
            if self.echoes.is_empty() {
                return Ok(());
            }
        }
        Ok(())
    }

    fn take(&mut self, heard: Heard, now: Instant) -> anyhow::Result<()> {
        match (heard, &mut self.association) {
            (Heard::Established, None) => {
                let side = if self.dtls.is_client() {
                    Side::Client
                } else {
                    Side::Server
                };
                let config = Config {
                    message_bytes: MESSAGE_BYTES,
                    ..Config::new(side)
                };
                self.association = Some(Association::new(config, &mut SystemEntropy, now));
            }
            (Heard::Packet(packet), Some(association)) => {
                association.handle_input(Input::Packet(packet), now);
            }
            (Heard::Closed, _) => bail!("the peer said goodbye"),
            (Heard::Established, Some(_)) | (Heard::Packet(_), None) => {}
        }
        Ok(())
    }

    fn tell_outputs(&mut self) -> anyhow::Result<()> {
        loop {
            let Some(association) = &mut self.association else {
                return Ok(());
            };
            let Some(output) = association.poll_output() else {
                return Ok(());
            };
            match output {
                Output::Connected => tell("up")?,
                Output::ChannelOffered { channel, options } => {
                    let ChannelOptions {
                        label,
                        ordered,
                        reliability,
                        ..
                    } = options;
                    let reliability = match reliability {
                        Reliability::Reliable => "reliable".to_owned(),
                        Reliability::Retransmits(count) => format!("retransmits={count}"),
                        Reliability::Lifetime(time) => format!("lifetime={}", time.as_millis()),
                    };
                    tell(&format!("channel {label} {ordered} {reliability}"))?;
                    self.labels.insert(channel, label);
                }
                Output::Readable { channel } => {
                    while let Some(message) = self.receive(channel) {
                        self.tell_message(channel, message)?;
                    }
                }
                Output::ChannelClosed { channel } => {
                    let label = self.labels.remove(&channel).unwrap_or_default();
                    tell(&format!("closed {label}"))?;
                }
                Output::Closed(why) => bail!("the association is over: {why:?}"),
                Output::ChannelOpened { .. } | Output::Writable { .. } => {}
            }
        }
    }

    fn receive(&mut self, channel: ChannelId) -> Option<Message> {
        self.association.as_mut()?.receive(channel)
    }

    fn tell_message(&mut self, channel: ChannelId, message: Message) -> anyhow::Result<()> {
        let label = self.labels.get(&channel).map_or("", String::as_str);
        let kind = message.kind;
        let bytes = message.into_bytes();
        let sum = crc32c::crc32c(&bytes);
        tell(&format!("message {label} {kind:?} {} {sum}", bytes.len()))?;
        if !QUIET.iter().any(|prefix| label.starts_with(prefix)) {
            self.echoes.push_back((channel, kind, bytes));
        }
        Ok(())
    }

    fn send_echoes(&mut self) {
        let Some(association) = &mut self.association else {
            return;
        };
        while let Some((channel, kind, bytes)) = self.echoes.front() {
            let sent = association.send(*channel, *kind, bytes.clone());
            if sent == Err(sctp_proto::SendError::Full) {
                return;
            }
            // On a channel that is closing it is lost.
            self.echoes.pop_front();
        }
    }

    fn transmit(&mut self) {
        let now = Instant::now();
        while let Some((_, remote, message)) = self.ice.poll_transmit() {
            // Whatever does not leave is repeated by whoever needs it, here and below.
            self.socket.send_to(&message, remote).ok();
        }
        let Some(remote) = self.remote else {
            return;
        };
        while let Some(flight) = self.dtls.poll() {
            self.socket.send_to(&flight, remote).ok();
        }
        let Some(association) = &mut self.association else {
            return;
        };
        let (mut packets, mut records) = (Vec::new(), Vec::new());
        while let Some(written) = association.poll_transmit(now, &mut packets, 1) {
            for packet in packets.chunks(written.segment_bytes.max(1)) {
                self.dtls.seal(packet, now, &mut records);
                if !self.loss.strikes() {
                    self.socket.send_to(&records, remote).ok();
                }
                records.clear();
            }
            packets.clear();
        }
    }
}

fn described(orders: &Receiver<String>) -> anyhow::Result<Description> {
    let text: String = serde_json::from_str(&orders.recv()?)?;
    Ok(sdp::parse(&text, CandidatePolicy::EVERYTHING)?)
}

fn reliability_of(text: &str) -> anyhow::Result<Reliability> {
    Ok(match text.split_once('=') {
        None => Reliability::Reliable,
        Some(("retransmits", count)) => Reliability::Retransmits(count.parse()?),
        Some(("lifetime", millis)) => Reliability::Lifetime(Duration::from_millis(millis.parse()?)),
        Some(_) => bail!("no reliability: {text}"),
    })
}

/// Bytes by which a mistake in their order is seen.
fn pattern(bytes: usize) -> Bytes {
    (0..bytes).map(|at| (at % 251).to_le_bytes()[0]).collect()
}

fn tell(line: &str) -> anyhow::Result<()> {
    let mut stdout = io::stdout().lock();
    writeln!(stdout, "{line}")?;
    Ok(stdout.flush()?)
}

/// The randomness of the system.
struct SystemEntropy;

impl Entropy for SystemEntropy {
    fn fill(&mut self, bytes: &mut [u8]) {
        let filled = SystemRandom::new().fill(bytes);
        filled.expect("a system that runs has randomness");
    }
}

/// Channels on which nothing goes back: those are the other end's to echo.
const QUIET: [&str; 2] = ["quiet", "theirs"];
const ORDERS: usize = 64;
const TICK: Duration = Duration::from_millis(1);
const READS_IN_A_ROW: usize = 64;
/// What browsers take at most.
const MESSAGE_BYTES: usize = 262_144;
