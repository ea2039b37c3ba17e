//! Requests on their way, and what their answers mean.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use stun_types::attribute::{
    AttributeStaticType, ErrorCode, Nonce, Realm, Username, XorMappedAddress,
};
use stun_types::message::{Message, MessageClass, TransactionId};

use super::{Auth, Client, ClientOutput, EndReason, Permission, Phase, Topic};
use crate::Family;
use crate::attribute::{
    self, CHANNEL_NUMBER, LIFETIME, REQUESTED_ADDRESS_FAMILY, REQUESTED_TRANSPORT,
    XOR_PEER_ADDRESS, XOR_RELAYED_ADDRESS,
};
use crate::message::{self, Draft};

/// What was asked and not answered.
pub(super) struct Requests {
    is_stream: bool,
    waiting: BTreeMap<u128, Waiting>,
}

struct Waiting {
    topic: Topic,
    bytes: Vec<u8>,
    is_signed: bool,
    /// How often the relay has asked for another nonce for this.
    challenges: u8,
    repeat_at: Instant,
    pause: Duration,
    until: Instant,
}

impl Requests {
    pub(super) fn new(is_stream: bool) -> Self {
        Self {
            is_stream,
            waiting: BTreeMap::new(),
        }
    }

    pub(super) fn forget(&mut self) {
        self.waiting.clear();
    }

    pub(super) fn deadline(&self) -> Option<Instant> {
        let next = |it: &Waiting| it.repeat_at.min(it.until);
        self.waiting.values().map(next).min()
    }

    pub(super) fn is_waiting(&self, topic: Topic) -> bool {
        self.waiting.values().any(|it| it.topic == topic)
    }

    /// Requests to repeat, and those that are given up (without bytes).
    pub(super) fn due(&mut self, now: Instant) -> Vec<(Topic, Option<Vec<u8>>)> {
        let mut due = Vec::new();
        self.waiting.retain(|_, waiting| {
            if waiting.until <= now {
                due.push((waiting.topic, None));
                return false;
            }
            if waiting.repeat_at <= now {
                waiting.pause = (waiting.pause * 2).min(LONGEST_PAUSE);
                waiting.repeat_at = now + waiting.pause;
                due.push((waiting.topic, Some(waiting.bytes.clone())));
            }
            true
        });
        due
    }

    fn add(
        &mut self,
        id: u128,
        (topic, bytes): (Topic, Vec<u8>),
        challenges: u8,
        signed: bool,
        now: Instant,
    ) {
        let until = now + ANSWER_TIME;
        let waiting = Waiting {
            topic,
            bytes,
            is_signed: signed,
            challenges,
            repeat_at: if self.is_stream {
                until
            } else {
                now + FIRST_PAUSE
            },
            pause: FIRST_PAUSE,
            until,
        };
        self.waiting.insert(id, waiting);
    }
}

impl Client {
    pub(super) fn ask(&mut self, topic: Topic, now: Instant) {
        self.ask_again(topic, 0, now);
    }

    fn ask_again(&mut self, topic: Topic, challenges: u8, now: Instant) {
        let mut id = [0; 16];
        self.entropy.fill(&mut id[4..]);
        let id = u128::from_be_bytes(id);
        let draft = self.draft(topic, TransactionId::from(id));
        let bytes = match &self.auth {
            None => draft.finish(),
            Some(auth) => draft
                .put(Username::TYPE, self.config.credentials.username.as_bytes())
                .put(Realm::TYPE, auth.realm.as_bytes())
                .put(Nonce::TYPE, auth.nonce.as_bytes())
                .sign(&auth.key),
        };
        let is_signed = self.auth.is_some();
        self.requests
            .add(id, (topic, bytes.clone()), challenges, is_signed, now);
        self.outputs.push_back(ClientOutput::Send(bytes));
    }

    fn draft(&self, topic: Topic, id: TransactionId) -> Draft {
        match topic {
            Topic::Allocate => {
                let draft = Draft::request(message::ALLOCATE, id)
                    .put(REQUESTED_TRANSPORT, &attribute::byte_value(attribute::UDP));
                let family = attribute::family_number(self.config.family);
                match self.config.family {
                    Family::V4 => draft, // The default, and what the oldest relays know.
                    Family::V6 => {
                        draft.put(REQUESTED_ADDRESS_FAMILY, &attribute::byte_value(family))
                    }
                }
            }
            Topic::Refresh => Draft::request(message::REFRESH, id),
            Topic::Release => {
                Draft::request(message::REFRESH, id).put(LIFETIME, &0u32.to_be_bytes())
            }
            Topic::Permission(ip) => Draft::request(message::CREATE_PERMISSION, id)
                .put_address(XOR_PEER_ADDRESS, (ip, 0).into()),
            Topic::Channel(peer) => {
                let number = self.channels.get(&peer).map_or(0, |it| it.number);
                Draft::request(message::CHANNEL_BIND, id)
                    .put(CHANNEL_NUMBER, &(u32::from(number) << 16).to_be_bytes())
                    .put_address(XOR_PEER_ADDRESS, peer)
            }
        }
    }

    pub(super) fn answered(&mut self, answer: &Message<'_>, now: Instant) {
        let id = u128::from(answer.transaction_id());
        let Some(waiting) = self.requests.waiting.get(&id) else {
            return;
        };
        let code = answer.attribute::<ErrorCode>().ok().map(|it| it.code());
        let is_challenge = matches!(code, Some(ErrorCode::UNAUTHORIZED | ErrorCode::STALE_NONCE));
        // What somebody else made up is as if it had not come (RFC 8489 §9.2.5).
        let is_genuine = match &self.auth {
            Some(auth) if waiting.is_signed => message::is_signed(answer, &auth.key),
            Some(_) | None => false,
        };
        if !is_genuine && !is_challenge && waiting.is_signed {
            return;
        }
        let Some(waiting) = self.requests.waiting.remove(&id) else {
            return;
        };
        match (answer.class(), code) {
            (MessageClass::Success, _) if is_genuine => self.granted(waiting.topic, answer, now),
            (MessageClass::Error, Some(_)) if is_challenge => {
                self.challenged(&waiting, answer, code, now);
            }
            (MessageClass::Error, Some(code)) => self.denied(waiting.topic, code),
            (_, _) => self.end(EndReason::Nonsense),
        }
    }

    /// The relay wants a proof, or one with a newer nonce.
    fn challenged(
        &mut self,
        waiting: &Waiting,
        answer: &Message<'_>,
        code: Option<u16>,
        now: Instant,
    ) {
        let is_refusal = waiting.is_signed && code == Some(ErrorCode::UNAUTHORIZED);
        let (Ok(realm), Ok(nonce)) = (answer.attribute::<Realm>(), answer.attribute::<Nonce>())
        else {
            self.end(EndReason::Nonsense);
            return;
        };
        if is_refusal || waiting.challenges >= CHALLENGES {
            self.denied(waiting.topic, ErrorCode::UNAUTHORIZED);
            return;
        }
        let key = message::long_term_key(&self.config.credentials, realm.realm());
        self.auth = Some(Auth {
            realm: realm.realm().to_owned(),
            nonce: nonce.nonce().to_owned(),
            key,
        });
        self.ask_again(waiting.topic, waiting.challenges + 1, now);
    }

    fn granted(&mut self, topic: Topic, answer: &Message<'_>, now: Instant) {
        match topic {
            Topic::Allocate => self.allocated(answer, now),
            Topic::Refresh => self.keep(answer, now),
            Topic::Release => self.end(EndReason::Released),
            Topic::Permission(ip) => {
                let refresh_at = now + self.config.permission_refresh;
                let before = self
                    .permissions
                    .insert(ip, Permission::Granted { refresh_at });
                if !matches!(before, Some(Permission::Granted { .. })) {
                    self.outputs.push_back(ClientOutput::Permitted(ip));
                }
            }
            Topic::Channel(peer) => {
                if let Some(channel) = self.channels.get_mut(&peer) {
                    channel.is_bound = true;
                }
            }
        }
    }

    fn allocated(&mut self, answer: &Message<'_>, now: Instant) {
        let Some(relayed) = attribute::address(answer, XOR_RELAYED_ADDRESS) else {
            self.end(EndReason::Nonsense);
            return;
        };
        if Family::of(relayed.ip()) != self.config.family {
            self.end(EndReason::NoFamily);
            return;
        }
        let mapped = attribute::address(answer, XorMappedAddress::TYPE);
        self.phase = Phase::Allocated;
        self.keep(answer, now);
        self.outputs
            .push_back(ClientOutput::Allocated { relayed, mapped });
        let wanted: Vec<_> = self.permissions.keys().copied().collect();
        for ip in wanted {
            self.ask(Topic::Permission(ip), now);
        }
    }

    /// Notes when to refresh: after half of the time, so that several tries fit into the rest.
    fn keep(&mut self, answer: &Message<'_>, now: Instant) {
        let lifetime_s = attribute::number(answer, LIFETIME).unwrap_or(0);
        if lifetime_s == 0 {
            self.end(EndReason::Lost);
            return;
        }
        let half = Duration::from_secs(lifetime_s.into()) / 2;
        self.refresh_at = Some(now + half.min(LONGEST_REFRESH));
    }

    fn denied(&mut self, topic: Topic, code: u16) {
        match topic {
            Topic::Permission(ip) if code != ErrorCode::ALLOCATION_MISMATCH => self.refused(ip),
            Topic::Channel(peer) if code != ErrorCode::ALLOCATION_MISMATCH => self.unbind(peer),
            Topic::Release => self.end(EndReason::Released),
            Topic::Allocate | Topic::Refresh | Topic::Permission(_) | Topic::Channel(_) => {
                self.end(match code {
                    ErrorCode::UNAUTHORIZED | ErrorCode::WRONG_CREDENTIALS => {
                        EndReason::Unauthorized
                    }
                    ErrorCode::ALLOCATION_QUOTA_REACHED | ErrorCode::INSUFFICIENT_CAPACITY => {
                        EndReason::NoRoom
                    }
                    ErrorCode::ADDRESS_FAMILY_NOT_SUPPORTED => EndReason::NoFamily,
                    ErrorCode::ALLOCATION_MISMATCH => EndReason::Lost,
                    code => EndReason::Refused(code),
                });
            }
        }
    }
}

/// Half of what RFC 8489 §6.2.1 begins with: an allocation is on the way of every relayed transfer.
const FIRST_PAUSE: Duration = Duration::from_millis(250);
const LONGEST_PAUSE: Duration = Duration::from_secs(2);
/// Then a request counts as lost.
const ANSWER_TIME: Duration = Duration::from_secs(8);
/// New nonces for one request: one for the first time, one for a nonce that has just expired, one to spare.
const CHALLENGES: u8 = 3;
/// A relay may grant an hour, and would be found gone no sooner.
const LONGEST_REFRESH: Duration = Duration::from_secs(300);
