use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use anyhow::bail;
use turn_proto::Family;
use turn_proto::client::{Client, ClientConfig, ClientOutput, Sending};
use turn_proto::credentials::Secret;
use turn_proto::frame;

use super::program::{Program, SECRET};

/// A client with a relayed address and a channel, and the peer at its other end.
#[derive(Debug)]
pub(super) struct Allocation {
    /// Speaks with the relay.
    pub(super) client: UdpSocket,
    /// Speaks with the relayed address.
    pub(super) peer: UdpSocket,
    /// What the client sends: the payload behind the number of its channel.
    pub(super) wrapped: Vec<u8>,
}

impl Allocation {
    /// Allocates, permits and binds.
    pub(super) fn open(program: &Program, number: usize) -> anyhow::Result<Self> {
        let client = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?;
        client.connect(program.address())?;
        client.set_read_timeout(Some(PAUSE))?;
        let peer = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?;
        let at = peer.local_addr()?;
        let until_s = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs() + 3_600;
        // One user each: the quota is of no interest here.
        let credentials = Secret::new(SECRET)?.issue(&format!("user{number}"), until_s);
        let config = ClientConfig::new(credentials, Family::V4, false);
        let mut dialogue = Dialogue {
            machine: Client::new(config, Box::new(SystemEntropy), Instant::now()),
            socket: &client,
            relayed: None,
            is_permitted: false,
        };
        dialogue.talk_until(|it| it.relayed.is_some())?;
        dialogue.machine.permit(at.ip(), Instant::now());
        dialogue.talk_until(|it| it.is_permitted)?;
        dialogue.machine.bind(at, Instant::now());
        let mut wrapped = Vec::new();
        dialogue.talk_until(|it| {
            wrapped.clear();
            let sending = it.machine.wrap(at, &[7; PAYLOAD_BYTES], &mut wrapped);
            sending == Sending::Written && wrapped.len() == WRAPPED_BYTES
        })?;
        if let Some(relayed) = dialogue.relayed {
            peer.connect(relayed)?;
        }
        client.set_nonblocking(true)?;
        peer.set_nonblocking(true)?;
        Ok(Self {
            client,
            peer,
            wrapped,
        })
    }
}

/// What is said before data flow.
struct Dialogue<'a> {
    machine: Client,
    socket: &'a UdpSocket,
    relayed: Option<SocketAddr>,
    is_permitted: bool,
}

impl Dialogue<'_> {
    fn talk_until(&mut self, mut is_done: impl FnMut(&mut Self) -> bool) -> anyhow::Result<()> {
        let mut datagram = [0; 2_048];
        loop {
            self.drain()?;
            if is_done(self) {
                return Ok(());
            }
            match self.socket.recv(&mut datagram) {
                Ok(length) => {
                    if let Some(frame) = frame::of_datagram(&datagram[..length]) {
                        self.machine.handle_frame(frame, Instant::now());
                    }
                }
                // Nothing yet, or nobody there yet; the machine gives up in time.
                Err(_) => {
                    std::thread::sleep(PAUSE);
                    self.machine.handle_timeout(Instant::now());
                }
            }
        }
    }

    fn drain(&mut self) -> anyhow::Result<()> {
        while let Some(output) = self.machine.poll_output() {
            match output {
                // What is lost is repeated.
                ClientOutput::Send(bytes) => drop(self.socket.send(&bytes)),
                ClientOutput::Allocated { relayed, .. } => self.relayed = Some(relayed),
                ClientOutput::Permitted(_) => self.is_permitted = true,
                ClientOutput::Refused(ip) => bail!("the relay does not reach {ip}"),
                ClientOutput::Ended(reason) => bail!("{reason}"),
            }
        }
        Ok(())
    }
}

struct SystemEntropy;

impl model::Entropy for SystemEntropy {
    fn fill(&mut self, bytes: &mut [u8]) {
        getrandom::fill(bytes).expect("the system has random bytes");
    }
}

/// As much as a datagram of a transfer carries.
pub(super) const PAYLOAD_BYTES: usize = 1_200;
/// With the number of the channel and the length.
pub(super) const WRAPPED_BYTES: usize = PAYLOAD_BYTES + 4;
const PAUSE: Duration = Duration::from_millis(20);
