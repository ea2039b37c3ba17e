//! One allocation: its lifetime, permissions and channels.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::time::{Duration, Instant};

use super::meter::Meter;
use super::{AllocationLimits, Signer, Wrapping};

pub(super) struct Allocation {
    pub(super) relayed: SocketAddr,
    /// The answer that made it, and to which request: a client that did not hear it asks again.
    pub(super) made: (u128, Vec<u8>),
    signer: Signer,
    ends_at: Instant,
    last_end: Instant,
    permissions: BTreeMap<IpAddr, Instant>,
    channels: BTreeMap<u16, Channel>,
    by_peer: BTreeMap<SocketAddr, u16>,
    meter: Meter,
    limits: AllocationLimits,
}

struct Channel {
    peer: SocketAddr,
    until: Instant,
}

/// A client that asked for too much.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    /// The channel is bound to another peer, or the peer to another channel.
    Mismatch,
    /// It has as many permissions or channels as it may.
    Full,
}

impl Allocation {
    pub(super) fn new(
        signer: Signer,
        (relayed, made): (SocketAddr, (u128, Vec<u8>)),
        limits: AllocationLimits,
        (now, lifetime_s): (Instant, u32),
    ) -> Self {
        let last_end = now + Duration::from_secs(limits.total_s);
        Self {
            relayed,
            made,
            signer,
            ends_at: last_end.min(now + seconds(lifetime_s)),
            last_end,
            permissions: BTreeMap::new(),
            channels: BTreeMap::new(),
            by_peer: BTreeMap::new(),
            meter: Meter::new(&limits, now),
            limits,
        }
    }

    /// Whoever made the allocation, if it was `username`.
    pub(super) fn signer(&self, username: &str) -> Option<Signer> {
        (self.signer.username == username).then(|| self.signer.clone())
    }

    /// Grants so many seconds more and returns how many those are.
    pub(super) fn refresh(&mut self, lifetime_s: u32, now: Instant) -> u32 {
        self.ends_at = self.last_end.min(now + seconds(lifetime_s));
        let left = self.ends_at.saturating_duration_since(now).as_secs();
        u32::try_from(left).unwrap_or(lifetime_s)
    }

    pub(super) fn is_over(&self, now: Instant) -> bool {
        now >= self.ends_at || self.meter.is_spent()
    }

    pub(super) fn is_spent(&self) -> bool {
        self.meter.is_spent()
    }

    pub(super) fn deadline(&self) -> Instant {
        self.ends_at
    }

    pub(super) fn has_room_for(&self, new: &[IpAddr]) -> bool {
        let added = new
            .iter()
            .filter(|ip| !self.permissions.contains_key(ip))
            .count();
        self.permissions.len() + added <= self.limits.permissions
    }

    pub(super) fn permit(&mut self, ip: IpAddr, now: Instant) {
        let until = now + seconds(self.limits.permission_s);
        self.permissions.insert(ip, until);
    }

    /// Binds a channel and permits its peer (RFC 8656 §12.2).
    pub(super) fn bind(
        &mut self,
        number: u16,
        peer: SocketAddr,
        now: Instant,
    ) -> Result<(), Refusal> {
        self.forget_expired(now);
        let bound = self.channels.get(&number).map(|channel| channel.peer);
        let has_other = self
            .by_peer
            .get(&peer)
            .is_some_and(|other| *other != number);
        if has_other || bound.is_some_and(|bound| bound != peer) {
            return Err(Refusal::Mismatch);
        }
        let is_full = bound.is_none() && self.channels.len() >= self.limits.permissions;
        if is_full || !self.has_room_for(&[peer.ip()]) {
            return Err(Refusal::Full);
        }
        let until = now + seconds(self.limits.channel_s);
        self.channels.insert(number, Channel { peer, until });
        self.by_peer.insert(peer, number);
        self.permit(peer.ip(), now);
        Ok(())
    }

    pub(super) fn admit_channel(
        &mut self,
        number: u16,
        bytes: usize,
        now: Instant,
    ) -> Option<SocketAddr> {
        let channel = self.channels.get(&number)?;
        let peer = channel.peer;
        (now < channel.until && self.admit_send(peer, bytes, now)).then_some(peer)
    }

    pub(super) fn admit_send(&mut self, peer: SocketAddr, bytes: usize, now: Instant) -> bool {
        self.is_permitted(peer.ip(), now) && self.meter.admits(bytes, now)
    }

    pub(super) fn admit_peer(
        &mut self,
        peer: SocketAddr,
        bytes: usize,
        now: Instant,
    ) -> Option<Wrapping> {
        if !self.admit_send(peer, bytes, now) {
            return None;
        }
        let number = self.by_peer.get(&peer).copied();
        let is_bound = |number: &u16| {
            let channel = self.channels.get(number);
            channel.is_some_and(|channel| now < channel.until)
        };
        Some(match number.filter(is_bound) {
            Some(number) => Wrapping::Channel(number),
            None => Wrapping::Indication(peer),
        })
    }

    /// Makes room for what is asked for next.
    pub(super) fn forget_expired(&mut self, now: Instant) {
        self.permissions.retain(|_, until| now < *until);
        self.channels.retain(|_, channel| now < channel.until);
        let channels = &self.channels;
        self.by_peer
            .retain(|_, number| channels.contains_key(number));
    }

    fn is_permitted(&self, ip: IpAddr, now: Instant) -> bool {
        self.permissions.get(&ip).is_some_and(|until| now < *until)
    }
}

fn seconds(seconds: u32) -> Duration {
    Duration::from_secs(seconds.into())
}
