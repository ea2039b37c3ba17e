//! The numbers in front of pairing codes: issued, claimed once, relayed between two sockets, retired.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use model::Entropy;

use super::SocketId;
use super::address::{self, AddressKey};
use super::claims::Claims;
use super::limits::CodeLimits;
use crate::message::{CodeRefusal, PairingEnd, PairingMood};

#[derive(Debug)]
pub(super) struct Nameplates {
    limits: CodeLimits,
    plates: BTreeMap<u32, Plate>,
    due: BTreeSet<(Instant, u32)>,
    per_address: BTreeMap<AddressKey, usize>,
    claims: Claims,
}

#[derive(Debug)]
struct Plate {
    /// Whose number it is; also while it rests.
    address: AddressKey,
    /// When its state changes by itself.
    due: Instant,
    state: State,
}

#[derive(Debug)]
enum State {
    Open(Pairing),
    /// Somebody may still type the old code: the number must not lead to another person.
    Resting,
}

#[derive(Debug)]
struct Pairing {
    issuer: Side,
    claimer: Option<Side>,
    messages: u32,
}

#[derive(Debug, Clone, Copy)]
struct Side {
    socket: SocketId,
    address: AddressKey,
    standing: Standing,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Standing {
    Talking,
    Done,
}

/// A socket that must learn how a pairing ended.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Ended {
    pub(super) nameplate: u32,
    pub(super) socket: SocketId,
    pub(super) end: PairingEnd,
}

/// Where a body goes.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Relay {
    To(SocketId),
    /// The other side is not there (yet, or any more).
    Nowhere,
    /// More messages than a pairing needs.
    TooMany,
}

impl Nameplates {
    pub(super) fn new(limits: CodeLimits) -> Self {
        Self {
            claims: Claims::new(limits.failed_claims_per_hour),
            limits,
            plates: BTreeMap::new(),
            due: BTreeSet::new(),
            per_address: BTreeMap::new(),
        }
    }

    pub(super) fn len(&self) -> usize {
        self.plates.len()
    }

    pub(super) fn lifetime_s(&self) -> u16 {
        self.limits.lifetime_s
    }

    #[cfg(test)]
    pub(super) fn numbers(&self) -> Vec<u32> {
        self.plates.keys().copied().collect()
    }

    pub(super) fn per_socket(&self) -> usize {
        self.limits.per_socket
    }

    /// Issues a number to `socket`.
    pub(super) fn allocate(
        &mut self,
        socket: SocketId,
        address: AddressKey,
        entropy: &mut dyn Entropy,
        now: Instant,
    ) -> Result<u32, CodeRefusal> {
        let of_address = self.per_address.get(&address).copied().unwrap_or(0);
        if self.plates.len() >= self.limits.total || of_address >= self.limits.per_address {
            return Err(CodeRefusal::ServerBusy);
        }
        let nameplate = self.free_number(entropy);
        let pairing = Pairing {
            issuer: Side::new(socket, address),
            claimer: None,
            messages: 0,
        };
        let due = now + self.lifetime();
        let state = State::Open(pairing);
        *self.per_address.entry(address).or_default() += 1;
        self.due.insert((due, nameplate));
        self.plates.insert(
            nameplate,
            Plate {
                address,
                due,
                state,
            },
        );
        Ok(nameplate)
    }

    /// Gives the other side of `nameplate` to `socket`, once; returns the issuer and the time left.
    pub(super) fn claim(
        &mut self,
        nameplate: u32,
        socket: SocketId,
        address: AddressKey,
        now: Instant,
    ) -> Result<(SocketId, Duration), CodeRefusal> {
        self.claims.charge(address, now)?;
        let plate = self.plates.get_mut(&nameplate);
        let plate = plate.ok_or(CodeRefusal::UnknownCode)?;
        let State::Open(pairing) = &mut plate.state else {
            return Err(CodeRefusal::UnknownCode);
        };
        if pairing.claimer.is_some() || pairing.issuer.socket == socket {
            return Err(CodeRefusal::UnknownCode);
        }
        pairing.claimer = Some(Side::new(socket, address));
        Ok((
            pairing.issuer.socket,
            plate.due.saturating_duration_since(now),
        ))
    }

    /// Finds whom `socket` talks to through `nameplate`, and counts the message.
    pub(super) fn relay(&mut self, nameplate: u32, socket: SocketId) -> Relay {
        let limit = self.limits.messages;
        let Some(pairing) = self.open_mut(nameplate) else {
            return Relay::Nowhere;
        };
        let Some(other) = pairing.other_side(socket) else {
            return Relay::Nowhere;
        };
        if pairing.messages >= limit {
            return Relay::TooMany;
        }
        pairing.messages += 1;
        Relay::To(other)
    }

    /// Ends the side of `socket`; returns the other side if it must learn that.
    pub(super) fn close(
        &mut self,
        nameplate: u32,
        socket: SocketId,
        mood: PairingMood,
        now: Instant,
    ) -> Option<Ended> {
        let pairing = self.open_mut(nameplate)?;
        let other = pairing.other_side(socket);
        let is_issuer = pairing.issuer.socket == socket;
        let claimer = pairing.claimer;
        if !pairing.leave(socket) {
            return None;
        }

        // Only the issuer can say that a claim was a good one: claimers may lie.
        if let (PairingMood::Paired, true, Some(claimer)) = (mood, is_issuer, claimer) {
            self.claims.refund(claimer.address, now);
        }
        if mood != PairingMood::Paired || other.is_none() {
            self.retire(nameplate, now);
        }
        other.map(|socket| Ended {
            nameplate,
            socket,
            end: mood.into(),
        })
    }

    /// Ends a pairing for both sides; returns those who must learn that.
    pub(super) fn end(&mut self, nameplate: u32, end: PairingEnd, now: Instant) -> Vec<Ended> {
        let sockets = self
            .open_mut(nameplate)
            .map_or_else(Vec::new, |pairing| pairing.talking());
        self.retire(nameplate, now);
        let ended = |socket| Ended {
            nameplate,
            socket,
            end,
        };
        sockets.into_iter().map(ended).collect()
    }

    /// Ends the pairings whose time is over and frees the numbers that have rested.
    pub(super) fn expire(&mut self, now: Instant) -> Vec<Ended> {
        self.claims.prune(now);
        let mut ended = Vec::new();
        while let Some(&(due, nameplate)) = self.due.first() {
            if due > now {
                break;
            }
            match self.plates.get(&nameplate).map(|plate| &plate.state) {
                Some(State::Open(_)) => ended.extend(self.end(nameplate, PairingEnd::Expired, now)),
                Some(State::Resting) | None => self.free(nameplate, due),
            }
        }
        ended
    }

    pub(super) fn deadline(&self) -> Option<Instant> {
        let due = self.due.first().map(|(due, _)| *due);
        due.into_iter().chain(self.claims.deadline()).min()
    }

    /// Draws from the shortest numbers of which at least half are free.
    fn free_number(&self, entropy: &mut dyn Entropy) -> u32 {
        let mut ceiling: u32 = 99;
        while self.plates.range(..=ceiling).count() * 2 > ceiling as usize {
            ceiling = ceiling * 10 + 9;
        }
        let mut bytes = [0; 4];
        entropy.fill(&mut bytes);
        let start = u32::from_be_bytes(bytes) % ceiling;
        let mut candidates = (start..ceiling).chain(0..start).map(|number| number + 1);
        candidates
            .find(|number| !self.plates.contains_key(number))
            .expect("half of the numbers are free")
    }

    fn retire(&mut self, nameplate: u32, now: Instant) {
        let rested = now + self.lifetime();
        let Some(plate) = self.plates.get_mut(&nameplate) else {
            return;
        };
        self.due.remove(&(plate.due, nameplate));
        self.due.insert((rested, nameplate));
        plate.due = rested;
        plate.state = State::Resting;
    }

    fn free(&mut self, nameplate: u32, due: Instant) {
        self.due.remove(&(due, nameplate));
        if let Some(plate) = self.plates.remove(&nameplate) {
            address::release(&mut self.per_address, plate.address);
        }
    }

    fn open_mut(&mut self, nameplate: u32) -> Option<&mut Pairing> {
        match &mut self.plates.get_mut(&nameplate)?.state {
            State::Open(pairing) => Some(pairing),
            State::Resting => None,
        }
    }

    fn lifetime(&self) -> Duration {
        Duration::from_secs(self.limits.lifetime_s.into())
    }
}

impl Pairing {
    /// Whom `socket` talks to, if both still talk.
    fn other_side(&self, socket: SocketId) -> Option<SocketId> {
        let claimer = self.claimer?;
        let other = match socket {
            own if own == self.issuer.socket => claimer,
            own if own == claimer.socket => self.issuer,
            _ => return None,
        };
        (other.standing == Standing::Talking).then_some(other.socket)
    }

    /// Notes that `socket` is done; tells whether it was talking.
    fn leave(&mut self, socket: SocketId) -> bool {
        let sides = [Some(&mut self.issuer), self.claimer.as_mut()];
        let own = sides
            .into_iter()
            .flatten()
            .find(|side| side.socket == socket);
        let Some(own) = own else {
            return false;
        };
        std::mem::replace(&mut own.standing, Standing::Done) == Standing::Talking
    }

    fn talking(&self) -> Vec<SocketId> {
        let sides = [Some(self.issuer), self.claimer];
        let talking = sides.into_iter().flatten();
        let talking = talking.filter(|side| side.standing == Standing::Talking);
        talking.map(|side| side.socket).collect()
    }
}

impl Side {
    fn new(socket: SocketId, address: AddressKey) -> Self {
        Self {
            socket,
            address,
            standing: Standing::Talking,
        }
    }
}
