mod near;
mod words;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use api::{
    CommandError, Comparison, ErrorCode, Event, IssuedCode, PairingCommand, Reply, SendCode,
};
use model::{ContactId, Digest, PairChain, TransferId};
use pairing_proto::{
    Code, Paired, Pairing, PairingConfig, PairingError, PairingInput, PairingOutput,
    PairingPurpose, Role,
};
use signaling_proto::client::ClientInput;
use signaling_proto::message::{CodeRefusal, PairingEnd, PairingMood};
use store::{CodeRole, CodeSession, ContactKind, NewContact};

use words::{expired_code, refusal_words, stopped, wrong_code};

use super::status::{Issued, makes_contact};
use super::{ClientId, Hub, Receiving};
use crate::entropy::OsEntropy;
use crate::{clock, problem};

/// Codes asked for, and pairings in progress.
#[derive(Debug, Default)]
pub(super) struct Pairings {
    next_ticket: u64,
    requested: BTreeMap<u64, Requested>,
    live: BTreeMap<Way, Live>,
    near: near::Near,
    /// The contacts whose new devices some faces want to pair with.
    replaced: BTreeMap<ClientId, ContactId>,
}

/// A code that signaling has not given or taken yet.
#[derive(Debug)]
struct Requested {
    client: ClientId,
    aim: Aim,
    /// The code to claim; `None` asks for a new one.
    code: Option<Code>,
    asked_at: Instant,
}

/// What carries a pairing's messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Way {
    /// A nameplate at the server.
    Server(u32),
    /// A line of a neighbour, by its number here.
    Near(u64),
}

#[derive(Debug)]
struct Live {
    client: ClientId,
    aim: Aim,
    /// Without one, somebody was chosen among those who show themselves.
    code: Option<Code>,
    /// Nobody here asked for it.
    was_tapped: bool,
    machine: Pairing,
    compared: bool,
    /// What is shown, if this side issued the code.
    issued: Option<Issued>,
    /// What both compare.
    comparison: Option<Comparison>,
}

impl Live {
    fn was_tapped(&self) -> bool {
        self.was_tapped
    }

    /// Whether a stranger began it and no person here was told of it yet: nobody needs to hear that it failed.
    fn is_unheard_of(&self) -> bool {
        self.was_tapped && self.comparison.is_none()
    }
}

/// What a pairing is for.
#[derive(Debug, Clone)]
pub(super) enum Aim {
    /// A lasting contact.
    Contact,
    /// A further device of this person, which claims the code.
    AddDevice,
    /// This device becomes one more of the issuer's person.
    Join,
    /// One transfer from here.
    Send { transfer: TransferId },
    /// One transfer to here.
    Receive(Receiving),
}

impl Aim {
    /// Whether two people compare words before it succeeds.
    fn asks_people(&self) -> bool {
        match self {
            Self::Contact | Self::AddDevice | Self::Join => true,
            Self::Send { .. } | Self::Receive { .. } => false,
        }
    }

    fn purpose(&self) -> PairingPurpose {
        match self {
            Self::Contact => PairingPurpose::Contact,
            Self::AddDevice | Self::Join => PairingPurpose::Device,
            Self::Send { .. } | Self::Receive(_) => PairingPurpose::Transfer,
        }
    }
}

impl Pairings {
    /// When the hub must call [`Hub::pairings_timeout`].
    pub(super) fn deadline(&self) -> Option<Instant> {
        let deadlines = self
            .live
            .values()
            .filter_map(|live| live.machine.deadline());
        let impatient = self.requested.values();
        let impatient = impatient.map(|it| it.asked_at + near::SERVER_PATIENCE);
        deadlines.chain(impatient).min()
    }

    /// The code that a face shows to make a contact.
    pub(super) fn issued_code(&self, client: ClientId, now: Instant) -> Option<IssuedCode> {
        let mut shown = self
            .live
            .values()
            .filter(|live| live.client == client && makes_contact(&live.aim));
        shown.find_map(|live| live.issued.as_ref()?.view(now))
    }

    /// The words that a face shows.
    pub(super) fn comparison(&self, client: ClientId) -> Option<Comparison> {
        let mut shown = self.live.values().filter(|live| live.client == client);
        shown.find_map(|live| live.comparison.clone())
    }

    /// The codes of transfers.
    pub(super) fn send_codes(&self, now: Instant) -> Vec<SendCode> {
        let codes = self.live.values().filter_map(|live| match live.aim {
            Aim::Send { transfer } => {
                let issued = live.issued.as_ref()?.view(now)?;
                Some(SendCode { transfer, issued })
            }
            Aim::Contact | Aim::AddDevice | Aim::Join | Aim::Receive(_) => None,
        });
        codes.collect()
    }
}

impl Hub {
    pub(super) fn pairing_command(
        &mut self,
        client: ClientId,
        command: PairingCommand,
    ) -> Result<Reply, CommandError> {
        match command {
            PairingCommand::Issue => self.issue_code(client, Aim::Contact),
            PairingCommand::Claim { code } => self.claim_code(client, Aim::Contact, &code),
            PairingCommand::ClaimAt { code, address } => {
                self.claim_at(client, parse_code(&code)?, &address)
            }
            PairingCommand::Replace { contact } => {
                let replaced = self.find_contact(&contact)?.id;
                self.pairings.replaced.insert(client, replaced);
                Ok(Reply::Done)
            }
            PairingCommand::Decide { add, compared } => self.decide_pairing(client, add, compared),
        }
    }

    /// Asks signaling for a code to show.
    pub(super) fn issue_code(&mut self, client: ClientId, aim: Aim) -> Result<Reply, CommandError> {
        self.request_code(client, aim, None)
    }

    /// Asks signaling for the device that shows `text`.
    pub(super) fn claim_code(
        &mut self,
        client: ClientId,
        aim: Aim,
        text: &str,
    ) -> Result<Reply, CommandError> {
        self.request_code(client, aim, Some(parse_code(text)?))
    }

    fn request_code(
        &mut self,
        client: ClientId,
        aim: Aim,
        code: Option<Code>,
    ) -> Result<Reply, CommandError> {
        let asked_at = Instant::now();
        let requested = Requested {
            client,
            aim,
            code,
            asked_at,
        };
        self.follow_hosting();
        if !self.signaling.is_open() && self.server_url().is_err() {
            self.go_online()?;
            self.request_near(requested);
            return Ok(Reply::Done);
        }
        self.go_to_server()?;
        let ticket = self.pairings.next_ticket;
        self.pairings.next_ticket += 1;
        self.pairings.requested.insert(ticket, requested);
        if self.signaling.online {
            self.send_code_requests();
        }
        Ok(Reply::Done)
    }

    /// Puts the codes asked for while offline to signaling.
    pub(super) fn send_code_requests(&mut self) {
        let inputs: Vec<ClientInput> = self
            .pairings
            .requested
            .iter()
            .map(|(&ticket, requested)| match &requested.code {
                None => ClientInput::AllocateCode { ticket },
                Some(code) => ClientInput::ClaimCode {
                    ticket,
                    nameplate: code.nameplate(),
                },
            })
            .collect();
        for input in inputs {
            self.signaling.send(input);
        }
    }

    pub(super) fn code_allocated(&mut self, ticket: u64, nameplate: u32, lifetime_s: u64) {
        let Some(requested) = self.pairings.requested.remove(&ticket) else {
            return;
        };
        let code = Code::new(nameplate, &mut OsEntropy);
        let shown = code.to_string();
        let event = Event::CodeIssued {
            link: self.link_of_code(&requested.aim, &shown),
            code: shown,
            expires_in_s: lifetime_s,
        };
        self.clients.tell(requested.client, event);
        let issued = Issued {
            code: code.to_string(),
            link: self.link_of_code(&requested.aim, &code.to_string()),
            until: Instant::now() + Duration::from_secs(lifetime_s),
        };
        let way = Way::Server(nameplate);
        let (client, aim) = (requested.client, requested.aim);
        self.start_pairing(way, (client, aim), code, Role::Issuer);
        if let Some(live) = self.pairings.live.get_mut(&way) {
            live.issued = Some(issued);
        }
    }

    pub(super) fn code_claimed(&mut self, ticket: u64) {
        let Some(mut requested) = self.pairings.requested.remove(&ticket) else {
            return;
        };
        let Some(code) = requested.code.take() else {
            return;
        };
        let way = Way::Server(code.nameplate());
        let (client, aim) = (requested.client, requested.aim);
        self.start_pairing(way, (client, aim), code, Role::Claimer);
    }

    pub(super) fn code_refused(&mut self, ticket: u64, refusal: CodeRefusal) {
        if matches!(refusal, CodeRefusal::NotConnected) {
            return; // It is asked again once online.
        }
        let Some(requested) = self.pairings.requested.remove(&ticket) else {
            return;
        };
        if refusal == CodeRefusal::UnknownCode && self.can_pair_near() && requested.code.is_some() {
            // It may be one that somebody shows here, with no server.
            self.request_near(requested);
            return;
        }
        let error = refusal_words(refusal);
        self.pairing_failed(requested.client, &requested.aim, error);
    }

    fn start_pairing(&mut self, way: Way, (client, aim): (ClientId, Aim), code: Code, role: Role) {
        let config = PairingConfig {
            role,
            code: code.clone(),
            own: self.identity.secrets.clone(),
            name: self.device_name(),
            purpose: aim.purpose(),
        };
        let machine = Pairing::new(config, &mut OsEntropy, Instant::now());
        let live = Live {
            client,
            aim,
            code: Some(code),
            was_tapped: false,
            machine,
            compared: false,
            issued: None,
            comparison: None,
        };
        self.pairings.live.insert(way, live);
        if role == Role::Claimer {
            self.pairing_input(way, PairingInput::PeerJoined);
        } else {
            self.drain_pairing(way);
        }
    }

    /// Feeds one pairing and does what it asks.
    pub(super) fn pairing_input(&mut self, way: Way, input: PairingInput) {
        let Some(live) = self.pairings.live.get_mut(&way) else {
            return;
        };
        live.machine.handle_input(input, Instant::now());
        self.drain_pairing(way);
    }

    /// Signaling ended a pairing before it was done.
    pub(super) fn pairing_closed(&mut self, way: Way, end: PairingEnd) {
        let Some(live) = self.pairings.live.remove(&way) else {
            return;
        };
        if live.is_unheard_of() {
            return;
        }
        let error = match end {
            PairingEnd::WrongCode => wrong_code(),
            PairingEnd::Expired => expired_code(),
            PairingEnd::GaveUp | PairingEnd::Paired | PairingEnd::ConnectionLost => stopped(),
        };
        self.pairing_failed(live.client, &live.aim, error);
    }

    /// This device moves to another server, where nobody knows these codes.
    pub(super) fn pairings_lost_server(&mut self) {
        let live: Vec<Way> = self.pairings.live.keys().copied().collect();
        for way in live.into_iter().filter(|way| matches!(way, Way::Server(_))) {
            self.pairing_closed(way, PairingEnd::ConnectionLost);
        }
    }

    /// Tells every pairing that time has passed.
    pub(super) fn pairings_timeout(&mut self) {
        let now = Instant::now();
        self.go_near_if_impatient(now);
        let due: Vec<Way> = self
            .pairings
            .live
            .iter()
            .filter(|(_, live)| {
                live.machine
                    .deadline()
                    .is_some_and(|deadline| deadline <= now)
            })
            .map(|(&way, _)| way)
            .collect();
        for way in due {
            self.pairing_input(way, PairingInput::Timeout);
        }
    }

    /// A person answered the six words of the pairing that their face began.
    pub(super) fn decide_pairing(
        &mut self,
        client: ClientId,
        add: bool,
        compared: bool,
    ) -> Result<Reply, CommandError> {
        let found = self
            .pairings
            .live
            .iter_mut()
            .filter(|(_, live)| live.client == client && live.aim.asks_people())
            .max_by_key(|(_, live)| live.comparison.is_some());
        let Some((&way, live)) = found else {
            return Err(problem::usage("There is no pairing to decide."));
        };
        live.compared = compared;
        self.pairing_input(way, PairingInput::Decision(add));
        Ok(Reply::Done)
    }

    /// The face that began these pairings left.
    pub(super) fn drop_pairings_of(&mut self, client: ClientId) {
        self.pairings.replaced.remove(&client);
        self.pairings
            .requested
            .retain(|_, requested| requested.client != client);
        self.stop_seeking(client);
        let left: Vec<Way> = self
            .pairings
            .live
            .iter()
            .filter(|(_, live)| live.client == client)
            .map(|(&way, _)| way)
            .collect();
        for way in left {
            self.pairings.live.remove(&way);
            self.close_way(way, PairingMood::GaveUp);
        }
    }

    fn drain_pairing(&mut self, way: Way) {
        while let Some(live) = self.pairings.live.get_mut(&way) {
            let Some(output) = live.machine.poll_output() else {
                return;
            };
            match output {
                PairingOutput::Send(body) => match way {
                    Way::Server(nameplate) => {
                        self.signaling
                            .send(ClientInput::SendPairing { nameplate, body });
                    }
                    Way::Near(serial) => self.pairings.near.send(serial, body),
                },
                PairingOutput::Compare(comparison) => {
                    live.issued = None;
                    live.comparison = Some(Comparison {
                        words: comparison.words.to_string(),
                        peer: comparison.peer.clone(),
                    });
                    let event = Event::ComparisonWords {
                        words: comparison.words.to_string(),
                        peer: comparison.peer,
                    };
                    self.clients.tell(live.client, event);
                }
                PairingOutput::Paired(paired) => self.paired(way, paired),
                PairingOutput::Failed(error) => self.pairing_broke(way, &error),
            }
        }
    }

    fn paired(&mut self, way: Way, paired: Paired) {
        let Some(live) = self.pairings.live.remove(&way) else {
            return;
        };
        let door = self.pairings.near.door(way);
        self.close_way(way, PairingMood::Paired);
        if let Err(error) = self.keep_paired(&live, door, paired) {
            self.pairing_failed(live.client, &live.aim, error);
        }
    }

    fn keep_paired(
        &mut self,
        live: &Live,
        door: Option<SocketAddr>,
        paired: Paired,
    ) -> Result<(), CommandError> {
        if let Aim::AddDevice | Aim::Join = live.aim {
            let is_new = matches!(live.aim, Aim::AddDevice);
            return self.device_paired(live.client, is_new, paired);
        }
        let contact = NewContact {
            name: paired.name.clone(),
            keys: paired.keys,
            chain: PairChain::start(&paired.secret, clock::today()),
            verified: live.compared,
            kind: contact_kind(live),
            replaces: self.pairings.replaced.remove(&live.client),
            added_at: clock::timestamp(),
        };
        let contact = self.store.add_contact(contact).map_err(problem::contact)?;
        match &live.aim {
            Aim::AddDevice | Aim::Join => {}
            Aim::Contact => {
                self.share_contact(&contact)?;
                if contact.verified {
                    self.note_verified(contact.id)?;
                }
                self.end_meeting(contact.id);
                if contact.key_changed {
                    self.clients.tell_all(&Event::KeyChanged {
                        contact: contact.id,
                        name: contact.name.clone(),
                    });
                }
                self.clients.tell_all(&Event::ContactAdded {
                    contact: contact.id,
                    name: contact.name.clone(),
                    verified: contact.verified,
                });
            }
            Aim::Send { transfer } => self.code_transfer_paired(*transfer, &contact)?,
            Aim::Receive(receiving) => {
                self.expect_code_transfer(contact.id, live.client, receiving.clone());
            }
        }
        self.refresh_mailboxes()?;
        self.keep_door(contact.id, door);
        self.greet(contact.id);
        Ok(())
    }

    fn pairing_broke(&mut self, way: Way, error: &PairingError) {
        let Some(live) = self.pairings.live.remove(&way) else {
            return;
        };
        let mood = if error.burns_code() {
            PairingMood::WrongCode
        } else {
            PairingMood::GaveUp
        };
        self.close_way(way, mood);
        if live.is_unheard_of() {
            return;
        }
        let words = match error {
            PairingError::WrongCode => wrong_code(),
            PairingError::TimedOut => expired_code(),
            PairingError::Rejected
            | PairingError::Stopped
            | PairingError::PurposeMismatch
            | PairingError::SelfPairing
            | PairingError::UnsupportedVersion
            | PairingError::Malformed => {
                CommandError::new(ErrorCode::PairingStopped, problem::sentence(error))
            }
        };
        self.pairing_failed(live.client, &live.aim, words);
    }

    fn close_way(&mut self, way: Way, mood: PairingMood) {
        match way {
            Way::Server(nameplate) => {
                self.signaling
                    .send(ClientInput::ClosePairing { nameplate, mood });
            }
            Way::Near(serial) => self.close_near(serial),
        }
    }

    fn pairing_failed(&mut self, client: ClientId, aim: &Aim, error: CommandError) {
        if let Aim::Send { transfer } = aim {
            self.fail_transfer(*transfer, &error);
            return;
        }
        let event = Event::PairingFailed {
            code: error.code,
            message: error.message,
        };
        self.clients.tell(client, event);
    }
}

/// What stands for a code in the store: enough to find its session again, not to say it.
pub(super) fn code_digest(code: &Code) -> Digest {
    Digest::of_parts(&[b"wherry 1 code session", code.to_string().as_bytes()])
}

/// Reads a code that a person typed.
pub(super) fn parse_code(text: &str) -> Result<Code, CommandError> {
    Code::parse(text).map_err(|error| problem::usage(problem::sentence(&error)))
}

fn contact_kind(live: &Live) -> ContactKind {
    let role = match live.aim {
        Aim::Contact | Aim::AddDevice | Aim::Join => return ContactKind::Contact,
        Aim::Send { .. } => CodeRole::Sender,
        Aim::Receive(_) => CodeRole::Receiver,
    };
    let mut expires_at = clock::timestamp();
    let lifetime_s = model::limits::CODE_SESSION_TIME.as_secs();
    expires_at.seconds = expires_at.seconds.saturating_add_unsigned(lifetime_s);
    ContactKind::CodeSession(CodeSession {
        role,
        code: live.code.as_ref().map_or(Digest([0; 32]), code_digest),
        expires_at,
    })
}
