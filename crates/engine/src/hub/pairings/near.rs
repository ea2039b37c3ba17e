//! Pairings on the local network, with no server: by a code that one device shows at its door, and by a tap on a device
//! that shows itself.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use api::{CommandError, ErrorCode, Event, Reply};
use lan::{Line, Stranger, Wish};
use model::limits::CODE_TIME;
use model::{ContactId, Entropy as _};
use pairing_proto::{Code, Pairing, PairingInput, Role, TapConfig};
use tokio::sync::mpsc;

use super::words::expired_code;
use super::{Aim, Issued, Live, Requested, Way};
use crate::entropy::OsEntropy;
use crate::hub::{ClientId, Hub};
use crate::neighbourhood::{NeighbourReport, pairing};
use crate::problem;

/// Pairings over lines of neighbours.
#[derive(Debug, Default)]
pub(super) struct Near {
    next_serial: u64,
    /// The codes that wait for somebody at our door.
    codes: BTreeMap<u32, u64>,
    /// Pairings that wait for somebody else's door.
    seeking: BTreeMap<u64, Seeking>,
    /// The lines of those that run, and the door of the other side.
    lines: BTreeMap<u64, LineOut>,
}

#[derive(Debug)]
struct Seeking {
    client: ClientId,
    aim: Aim,
    /// Without one it is a tap.
    code: Option<Code>,
}

#[derive(Debug)]
struct LineOut {
    to: mpsc::Sender<Vec<u8>>,
    door: Option<SocketAddr>,
}

impl Near {
    fn serial(&mut self) -> u64 {
        self.next_serial += 1;
        self.next_serial
    }

    /// Hands a message to the line.
    pub(super) fn send(&self, serial: u64, body: Vec<u8>) {
        if let Some(line) = self.lines.get(&serial)
            && line.to.try_send(body).is_err()
        {
            tracing::debug!("a neighbour left its pairing");
        }
    }

    /// Where the other side's door is, if it has one.
    pub(super) fn door(&self, way: Way) -> Option<SocketAddr> {
        match way {
            Way::Near(serial) => self.lines.get(&serial)?.door,
            Way::Server(_) => None,
        }
    }
}

impl Hub {
    /// Whether codes can be shown and found with no server.
    pub(super) fn can_pair_near(&self) -> bool {
        self.meetings.nearby.is_open()
    }

    /// Codes that the server does not give are shown and sought on the local network.
    pub(super) fn go_near_if_impatient(&mut self, now: Instant) {
        let is_due = |it: &Requested| it.asked_at + SERVER_PATIENCE <= now;
        let due = self.pairings.requested.iter();
        let due: Vec<u64> = due
            .filter(|(_, it)| is_due(it))
            .map(|(id, _)| *id)
            .collect();
        for ticket in due {
            let is_met = self.signaling.online || !self.can_pair_near();
            if is_met {
                // The server has it, or nobody else can.
                if let Some(requested) = self.pairings.requested.get_mut(&ticket) {
                    requested.asked_at = now;
                }
            } else if let Some(requested) = self.pairings.requested.remove(&ticket) {
                // Neighbours can reach this device; nobody needs to give up for want of a server.
                self.clients.tell(requested.client, Event::Ready);
                self.request_near(requested);
            }
        }
    }

    /// Shows or seeks a code on the local network.
    pub(super) fn request_near(&mut self, requested: Requested) {
        let Requested {
            client, aim, code, ..
        } = requested;
        match code {
            None => self.issue_near(client, aim),
            Some(code) => self.seek(client, aim, Some(code), None),
        }
    }

    fn issue_near(&mut self, client: ClientId, aim: Aim) {
        let number = self.free_number();
        let code = Code::new(number, &mut OsEntropy);
        let shown = code.to_string();
        let event = Event::CodeIssued {
            link: None,
            code: shown.clone(),
            expires_in_s: CODE_TIME.as_secs(),
        };
        self.clients.tell(client, event);
        let issued = Issued {
            code: shown,
            link: None,
            until: Instant::now() + CODE_TIME,
        };
        let serial = self.pairings.near.serial();
        self.pairings.near.codes.insert(number, serial);
        let way = Way::Near(serial);
        self.start_pairing(way, (client, aim), code, Role::Issuer);
        if let Some(live) = self.pairings.live.get_mut(&way) {
            live.issued = Some(issued);
        }
        self.open_codes();
    }

    /// Four digits, which no server gives while it has few codes.
    fn free_number(&self) -> u32 {
        loop {
            let drawn = u16::from_be_bytes(OsEntropy.draw());
            let number = 1_000 + u32::from(drawn) % 9_000;
            if !self.pairings.near.codes.contains_key(&number) {
                return number;
            }
        }
    }

    fn open_codes(&self) {
        let numbers: BTreeSet<u32> = self.pairings.near.codes.keys().copied().collect();
        self.meetings.nearby.open_codes(numbers);
    }

    /// Looks for the door of whoever shows a code, at an address if a person knows it.
    pub(super) fn seek(
        &mut self,
        client: ClientId,
        aim: Aim,
        code: Option<Code>,
        doors: Option<Vec<SocketAddr>>,
    ) {
        let Some((port, everybody)) = self.meetings.nearby.outside() else {
            return;
        };
        let serial = self.pairings.near.serial();
        let wish = code
            .as_ref()
            .map_or(Wish::Tap, |code| Wish::Code(code.nameplate()));
        let seeking = Seeking { client, aim, code };
        self.pairings.near.seeking.insert(serial, seeking);
        let hub = self.ties.hub.clone();
        let shutdown = self.ties.shutdown.clone();
        self.tasks.spawn(async move {
            let work = async {
                match (doors, wish) {
                    (Some(doors), wish) => pairing::knock(doors, port, wish, serial, hub).await,
                    (None, Wish::Code(number)) => {
                        pairing::search(number, port, everybody, serial, hub).await;
                    }
                    (None, Wish::Tap) => {}
                }
            };
            shutdown.run_until_cancelled(work).await;
        });
    }

    /// Pairs by a code with whoever is at an address that a person typed.
    pub(super) fn claim_at(
        &mut self,
        client: ClientId,
        code: Code,
        address: &str,
    ) -> Result<Reply, CommandError> {
        let door = parse_door(address)?;
        self.go_online()?;
        self.check_door()?;
        self.seek(client, Aim::Contact, Some(code), Some(vec![door]));
        Ok(Reply::Done)
    }

    /// Pairs with a device that shows itself.
    pub(in crate::hub) fn tap(
        &mut self,
        client: ClientId,
        doors: Vec<SocketAddr>,
    ) -> Result<Reply, CommandError> {
        self.check_door()?;
        self.seek(client, Aim::Contact, None, Some(doors));
        Ok(Reply::Done)
    }

    /// A door was found, or none: then whoever asked is told.
    pub(in crate::hub) fn admitted(&mut self, serial: u64, found: Option<(Box<Line>, SocketAddr)>) {
        let Some(Seeking { client, aim, code }) = self.pairings.near.seeking.remove(&serial) else {
            return; // Who asked has left; so does the line.
        };
        let Some((line, door)) = found else {
            let error = match code {
                Some(_) => nobody_shows(),
                None => nobody_there(),
            };
            self.pairing_failed(client, &aim, error);
            return;
        };
        self.attach(serial, line, Some(door));
        let way = Way::Near(serial);
        match code {
            Some(code) => self.start_pairing(way, (client, aim), code, Role::Claimer),
            None => self.start_tap(serial, client, Role::Claimer),
        }
    }

    /// Somebody is at our door to pair.
    pub(in crate::hub) fn stranger_called(&mut self, stranger: Stranger) {
        let Stranger { wish, line, door } = stranger;
        match wish {
            Wish::Code(number) => {
                let Some(serial) = self.pairings.near.codes.remove(&number) else {
                    return;
                };
                self.open_codes();
                self.attach(serial, line, door);
                self.pairing_input(Way::Near(serial), PairingInput::PeerJoined);
            }
            Wish::Tap => {
                let is_busy = self.pairings.live.values().any(Live::was_tapped);
                let Some(client) = self.meetings.nearby.take_tap(is_busy) else {
                    return;
                };
                let serial = self.pairings.near.serial();
                self.attach(serial, line, door);
                self.start_tap(serial, client, Role::Issuer);
            }
        }
    }

    fn start_tap(&mut self, serial: u64, client: ClientId, role: Role) {
        let config = TapConfig {
            role,
            own: self.identity.secrets.clone(),
            name: self.device_name(),
        };
        let live = Live {
            client,
            aim: Aim::Contact,
            code: None,
            was_tapped: role == Role::Issuer,
            machine: Pairing::tap(config, &mut OsEntropy, Instant::now()),
            compared: false,
            issued: None,
            comparison: None,
        };
        let way = Way::Near(serial);
        self.pairings.live.insert(way, live);
        self.drain_pairing(way);
    }

    fn attach(&mut self, serial: u64, line: Box<Line>, door: Option<SocketAddr>) {
        let (to, outgoing) = mpsc::channel(MESSAGES);
        let line_out = LineOut { to, door };
        self.pairings.near.lines.insert(serial, line_out);
        let work = pairing::carry(line, outgoing, serial, self.ties.hub.clone());
        // It ends with the line, once everything is said.
        self.tasks.spawn(work);
    }

    pub(in crate::hub) fn pairing_report(&mut self, report: NeighbourReport) {
        if let NeighbourReport::PairingSaid { serial, body } = report {
            self.pairing_input(Way::Near(serial), PairingInput::MessageReceived(body));
        } else if let NeighbourReport::PairingLeft { serial } = report {
            self.pairings.near.lines.remove(&serial);
            let way = Way::Near(serial);
            if self.pairings.live.contains_key(&way) {
                let end = signaling_proto::message::PairingEnd::ConnectionLost;
                self.pairing_closed(way, end);
            }
        }
    }

    /// A pairing is over: its line ends once everything is said, and its code counts no more.
    pub(super) fn close_near(&mut self, serial: u64) {
        self.pairings.near.lines.remove(&serial);
        let before = self.pairings.near.codes.len();
        self.pairings.near.codes.retain(|_, it| *it != serial);
        if self.pairings.near.codes.len() != before {
            self.open_codes();
        }
    }

    /// The face that sought left.
    pub(super) fn stop_seeking(&mut self, client: ClientId) {
        let seeking = &mut self.pairings.near.seeking;
        seeking.retain(|_, it| it.client != client);
    }

    /// The door is closed: nobody comes through it any more.
    pub(in crate::hub) fn drop_near_pairings(&mut self) {
        let near = std::mem::take(&mut self.pairings.near.codes).into_values();
        let lines = std::mem::take(&mut self.pairings.near.lines).into_keys();
        let serials: BTreeSet<u64> = near.chain(lines).collect();
        for serial in serials {
            let end = signaling_proto::message::PairingEnd::ConnectionLost;
            self.pairing_closed(Way::Near(serial), end);
        }
        for seeking in std::mem::take(&mut self.pairings.near.seeking).into_values() {
            self.pairing_failed(seeking.client, &seeking.aim, nobody_there());
        }
    }

    /// Keeps where a new contact is: its announcements may not reach this device.
    pub(super) fn keep_door(&mut self, contact: ContactId, door: Option<SocketAddr>) {
        let Some(door) = door else {
            return;
        };
        if let Err(error) = self.store.set_door(contact, door) {
            tracing::warn!(%error, "where a contact is could not be kept");
        }
        self.look_for(contact);
    }

    pub(in crate::hub) fn check_door(&self) -> Result<(), CommandError> {
        match self.can_pair_near() {
            true => Ok(()),
            false => Err(hidden()),
        }
    }
}

/// An address that a person typed.
pub(in crate::hub) fn parse_door(address: &str) -> Result<SocketAddr, CommandError> {
    let address = address.trim();
    let with_port = address.parse::<SocketAddr>();
    let without = address.trim_matches(['[', ']']).parse();
    let door = with_port.or_else(|_| without.map(|ip| SocketAddr::new(ip, lan::PORT)));
    let door = door.ok().filter(|door| {
        let ip = door.ip();
        !ip.is_unspecified() && !ip.is_multicast() && door.port() != 0
    });
    door.ok_or_else(|| {
        problem::usage("An address is like 192.168.1.20, or [fd00::20]:7421 with a port.")
    })
}

fn hidden() -> CommandError {
    problem::usage(
        "This device stays hidden on local networks, and finds nobody there. To change that: wherry config set lan-visibility contacts",
    )
}

fn nobody_shows() -> CommandError {
    let message = format!(
        "Nobody on this network shows that code. {}",
        expired_code().message
    );
    CommandError::new(ErrorCode::ExpiredCode, message)
}

fn nobody_there() -> CommandError {
    CommandError::new(
        ErrorCode::PairingStopped,
        "That device shows itself no more, or is busy. Nothing was shared.",
    )
}

/// How long the server may take before a code is shown on the local network instead.
pub(super) const SERVER_PATIENCE: Duration = Duration::from_secs(3);
/// Messages of one pairing that wait for the network.
const MESSAGES: usize = 16;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_may_have_a_port_and_is_never_everybodys() {
        let door = |text: &str| parse_door(text).ok().map(|it| it.to_string());
        assert_eq!(door(" 192.168.1.20 ").unwrap(), "192.168.1.20:7421");
        assert_eq!(door("192.168.1.20:7000").unwrap(), "192.168.1.20:7000");
        assert_eq!(door("fd00::20").unwrap(), "[fd00::20]:7421");
        assert_eq!(door("[fd00::20]").unwrap(), "[fd00::20]:7421");
        assert_eq!(door("[fd00::20]:80").unwrap(), "[fd00::20]:80");
        for text in [
            "",
            "printer.example",
            "0.0.0.0",
            "224.0.0.251",
            "10.0.0.1:0",
            "10.0.0.1:x",
        ] {
            assert_eq!(door(text), None, "{text}");
        }
    }
}
