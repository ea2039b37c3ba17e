//! The four requests of TURN, from a client that has shown who it is.

use std::net::{IpAddr, SocketAddr};
use std::time::Instant;

use stun_types::attribute::{AttributeStaticType, AttributeType, ErrorCode, XorMappedAddress};
use stun_types::message::{Message, Method};

use super::allocation::{Allocation, Refusal};
use super::{
    AllocateRefusal, Allocating, Phase, Rules, Session, SessionOutput, Signer, unknown_attributes,
};
use crate::attribute::{
    self, CHANNEL_NUMBER, EVEN_PORT, LIFETIME, REQUESTED_ADDRESS_FAMILY, REQUESTED_TRANSPORT,
    RESERVATION_TOKEN, UDP, XOR_PEER_ADDRESS, XOR_RELAYED_ADDRESS,
};
use crate::frame::CHANNELS;
use crate::message::{self, Draft};
use crate::policy::Verdict;
use crate::{Family, Now};

/// What a request needs besides itself.
struct Ask<'a> {
    message: &'a Message<'a>,
    signer: &'a Signer,
    rules: &'a Rules,
    now: Now,
}

impl Session {
    pub(super) fn authenticated(
        &mut self,
        message: &Message<'_>,
        bytes: &[u8],
        signer: &Signer,
        rules: &Rules,
        now: Now,
    ) {
        let ask = Ask {
            message,
            signer,
            rules,
            now,
        };
        let unknown = unknown_attributes(message, known(message.method()));
        if !unknown.is_empty() {
            let draft = Draft::error(message, ErrorCode::UNKNOWN_ATTRIBUTE);
            self.send(draft.put_unknown(&unknown).sign(&signer.key));
            return;
        }
        let answer = match message.method() {
            message::ALLOCATE => self.allocate(&ask, bytes),
            message::REFRESH => self.refresh(&ask),
            message::CREATE_PERMISSION => self.create_permission(&ask),
            _ => self.channel_bind(&ask),
        };
        match answer {
            Ok(Some(draft)) => self.send(draft.sign(&signer.key)),
            Ok(None) => {}
            Err(code) => self.send(Draft::error(message, code).sign(&signer.key)),
        }
    }

    /// RFC 8656 §7.2.
    fn allocate(&mut self, ask: &Ask<'_>, bytes: &[u8]) -> Result<Option<Draft>, u16> {
        match &self.phase {
            Phase::Idle => {}
            Phase::Allocating(_) => return Ok(None), // The answer is on its way.
            Phase::Allocated(allocation) => {
                let (transaction, answer) = &allocation.made;
                if *transaction == u128::from(ask.message.transaction_id()) {
                    let answer = answer.clone();
                    self.send(answer);
                    return Ok(None);
                }
                return Err(ErrorCode::ALLOCATION_MISMATCH);
            }
        }
        let transport = first_byte(ask.message, REQUESTED_TRANSPORT);
        if transport.ok_or(ErrorCode::BAD_REQUEST)? != UDP {
            return Err(ErrorCode::UNSUPPORTED_TRANSPORT_PROTOCOL);
        }
        let is_picky = [EVEN_PORT, RESERVATION_TOKEN]
            .into_iter()
            .any(|kind| ask.message.has_attribute(kind));
        if is_picky {
            return Err(ErrorCode::INSUFFICIENT_CAPACITY); // For RTP and RTCP, which nobody relays here.
        }
        let family = match first_byte(ask.message, REQUESTED_ADDRESS_FAMILY) {
            None | Some(1) => Family::V4,
            Some(2) => Family::V6,
            Some(_) => return Err(ErrorCode::ADDRESS_FAMILY_NOT_SUPPORTED),
        };
        self.outputs.push_back(SessionOutput::Allocate {
            family,
            user: ask.signer.id.clone(),
        });
        self.phase = Phase::Allocating(Box::new(Allocating {
            request: bytes.to_vec(),
            username: ask.signer.username.clone(),
            key: ask.signer.key.clone(),
            lifetime_s: ask.lifetime_s().max(1),
            family,
        }));
        Ok(None)
    }

    pub(super) fn conclude_allocation(
        &mut self,
        asked: Allocating,
        result: Result<SocketAddr, AllocateRefusal>,
        rules: &Rules,
        now: Now,
    ) {
        let Ok(request) = Message::from_bytes(&asked.request) else {
            return;
        };
        let result = result.and_then(|relayed| match Family::of(relayed.ip()) == asked.family {
            true => Ok(relayed),
            false => Err(AllocateRefusal::Family),
        });
        let relayed = match result {
            Ok(relayed) => relayed,
            Err(refusal) => {
                let code = match refusal {
                    AllocateRefusal::Quota => ErrorCode::ALLOCATION_QUOTA_REACHED,
                    AllocateRefusal::Capacity => ErrorCode::INSUFFICIENT_CAPACITY,
                    AllocateRefusal::Family => ErrorCode::ADDRESS_FAMILY_NOT_SUPPORTED,
                };
                self.send(Draft::error(&request, code).sign(&asked.key));
                return;
            }
        };
        let answer = Draft::success(&request)
            .put_address(XOR_RELAYED_ADDRESS, relayed)
            .put_address(XorMappedAddress::TYPE, self.client)
            .put(LIFETIME, &asked.lifetime_s.to_be_bytes())
            .put_software()
            .sign(&asked.key);
        let made = (u128::from(request.transaction_id()), answer.clone());
        let signer = Signer {
            id: String::new(),
            username: asked.username,
            key: asked.key,
        };
        let time = (now.monotonic, asked.lifetime_s);
        let allocation = Allocation::new(signer, (relayed, made), rules.limits, time);
        self.phase = Phase::Allocated(Box::new(allocation));
        self.send(answer);
    }

    /// RFC 8656 §8.2.
    fn refresh(&mut self, ask: &Ask<'_>) -> Result<Option<Draft>, u16> {
        let wanted = first_byte(ask.message, REQUESTED_ADDRESS_FAMILY);
        let allocation = ask.allocation(&mut self.phase)?;
        let own = attribute::family_number(Family::of(allocation.relayed.ip()));
        if wanted.is_some_and(|wanted| wanted != own) {
            return Err(ErrorCode::PEER_ADDRESS_FAMILY_MISMATCH);
        }
        let granted = match ask.lifetime_s() {
            0 => 0,
            wanted => allocation.refresh(wanted, ask.now.monotonic),
        };
        if granted == 0 {
            self.release();
        }
        let draft = Draft::success(ask.message);
        Ok(Some(draft.put(LIFETIME, &granted.to_be_bytes())))
    }

    /// RFC 8656 §10.2.
    fn create_permission(&mut self, ask: &Ask<'_>) -> Result<Option<Draft>, u16> {
        let peers = attribute::addresses(ask.message, XOR_PEER_ADDRESS);
        let peers: Option<Vec<IpAddr>> = peers
            .into_iter()
            .map(|peer| peer.map(|peer| peer.ip()))
            .collect();
        let peers = peers.filter(|peers| !peers.is_empty());
        let peers = peers.ok_or(ErrorCode::BAD_REQUEST)?;
        let verdict = peers.iter().try_for_each(|peer| self.judge(*peer, ask));
        verdict?;
        let now = ask.now.monotonic;
        let allocation = ask.allocation(&mut self.phase)?;
        allocation.forget_expired(now);
        if !allocation.has_room_for(&peers) {
            return Err(ErrorCode::INSUFFICIENT_CAPACITY);
        }
        for peer in peers {
            allocation.permit(peer, now);
        }
        Ok(Some(Draft::success(ask.message)))
    }

    /// RFC 8656 §12.2.
    fn channel_bind(&mut self, ask: &Ask<'_>) -> Result<Option<Draft>, u16> {
        let number = attribute::number(ask.message, CHANNEL_NUMBER);
        let number = number.and_then(|number| u16::try_from(number >> 16).ok());
        let peer = attribute::address(ask.message, XOR_PEER_ADDRESS);
        let (Some(number), Some(peer)) = (number, peer) else {
            return Err(ErrorCode::BAD_REQUEST);
        };
        if !CHANNELS.contains(&number) || peer.port() == 0 {
            return Err(ErrorCode::BAD_REQUEST);
        }
        self.judge(peer.ip(), ask)?;
        let now: Instant = ask.now.monotonic;
        let bound = ask.allocation(&mut self.phase)?.bind(number, peer, now);
        bound.map_err(|refusal| match refusal {
            Refusal::Mismatch => ErrorCode::BAD_REQUEST,
            Refusal::Full => ErrorCode::INSUFFICIENT_CAPACITY,
        })?;
        Ok(Some(Draft::success(ask.message)))
    }

    /// Whether a client may have this peer at all.
    fn judge(&mut self, peer: IpAddr, ask: &Ask<'_>) -> Result<(), u16> {
        let relayed = ask.allocation(&mut self.phase)?.relayed;
        if Family::of(peer) != Family::of(relayed.ip()) {
            return Err(ErrorCode::PEER_ADDRESS_FAMILY_MISMATCH);
        }
        match ask.rules.peers.judge(peer) {
            // Two clients of one relay reach each other there; the driver lets nothing else through.
            Verdict::Allowed | Verdict::Own => Ok(()),
            Verdict::Refused => {
                self.tally.forbidden += 1;
                Err(ErrorCode::FORBIDDEN)
            }
        }
    }
}

impl Ask<'_> {
    /// The allocation that the request is about; a stranger's is none (RFC 8656 §5).
    fn allocation<'p>(&self, phase: &'p mut Phase) -> Result<&'p mut Allocation, u16> {
        match phase {
            Phase::Allocated(allocation) => match allocation.signer(&self.signer.username) {
                Some(_) => Ok(allocation),
                None => Err(ErrorCode::WRONG_CREDENTIALS),
            },
            Phase::Idle | Phase::Allocating(_) => Err(ErrorCode::ALLOCATION_MISMATCH),
        }
    }

    /// The time to grant; 0 is the client's wish to end.
    fn lifetime_s(&self) -> u32 {
        let limits = &self.rules.limits;
        match attribute::number(self.message, LIFETIME) {
            None => limits.lifetime_s,
            Some(wanted) => wanted.min(limits.longest_lifetime_s),
        }
    }
}

/// What a request may carry besides what any may.
fn known(method: Method) -> &'static [AttributeType] {
    match method {
        message::ALLOCATE => &[
            REQUESTED_TRANSPORT,
            LIFETIME,
            REQUESTED_ADDRESS_FAMILY,
            EVEN_PORT,
            RESERVATION_TOKEN,
        ],
        message::REFRESH => &[LIFETIME, REQUESTED_ADDRESS_FAMILY],
        message::CREATE_PERMISSION => &[XOR_PEER_ADDRESS],
        _ => &[CHANNEL_NUMBER, XOR_PEER_ADDRESS],
    }
}

fn first_byte(message: &Message<'_>, kind: AttributeType) -> Option<u8> {
    let attribute = message.raw_attribute(kind)?;
    match *attribute.value {
        [first, _, _, _] => Some(first),
        _ => None,
    }
}
