//! Tags by which two contacts know each other and nobody else knows anything.

use std::collections::BTreeSet;
use std::net::SocketAddr;

use hmac::{Hmac, Mac as _};
use model::limits::LAN_TAGS;
use model::{ContactId, Day, Entropy};
use sha2::Sha256;

/// The keys that one contact and this device have on one day.
#[derive(Clone)]
pub struct Acquaintance {
    /// Whom they are shared with.
    pub contact: ContactId,
    /// Their day.
    pub day: Day,
    /// By which the contact proves itself to this device.
    pub to_own: [u8; 32],
    /// By which this device proves itself to the contact.
    pub to_peer: [u8; 32],
}

impl std::fmt::Debug for Acquaintance {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Acquaintance({:?}, {:?})", self.contact, self.day)
    }
}

/// What proves that whoever holds a key takes part in this one call.
pub(crate) type Tag = [u8; 16];

/// What a call is told apart by from every other one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct CallId {
    /// Drawn by the door.
    pub(crate) nonce: [u8; 32],
    /// Drawn by the caller.
    pub(crate) ephemeral: [u8; 32],
    /// The door's address as each side sees it: a call that somebody passes on has two.
    pub(crate) door: SocketAddr,
    /// Where the caller's own door is.
    pub(crate) port: u16,
}

/// The tags that a caller shows: one for each contact, among random ones.
pub(crate) fn tags(call: &CallId, known: &[Acquaintance], entropy: &mut impl Entropy) -> Vec<Tag> {
    let most = LAN_TAGS.into_iter().max().unwrap_or_default();
    let known = &known[..known.len().min(most)];
    let count = LAN_TAGS.into_iter().find(|&count| count >= known.len());
    let mut tags = vec![[0; 16]; count.unwrap_or(most)];
    for tag in &mut tags {
        entropy.fill(tag);
    }
    for (place, one) in known.iter().enumerate() {
        tags[place] = tag(&one.to_peer, CALLER, call);
    }
    // Random tags look like others, so any order that does not depend on contacts will do.
    tags.sort_unstable();
    tags
}

/// Who shows these tags: a contact, on one of its days.
///
/// It takes as long for a stranger as for a contact.
pub(crate) fn caller<'a>(
    call: &CallId,
    shown: &[Tag],
    known: &'a [Acquaintance],
) -> Option<&'a Acquaintance> {
    let shown: BTreeSet<&Tag> = shown.iter().collect();
    let mut found = None;
    for one in known {
        if shown.contains(&tag(&one.to_own, CALLER, call)) {
            found = Some(one);
        }
    }
    found
}

/// What a door says to whom it found, and to everybody else: nobody else can tell.
pub(crate) fn answer(
    call: &CallId,
    found: Option<&Acquaintance>,
    entropy: &mut impl Entropy,
) -> Tag {
    match found {
        Some(one) => tag(&one.to_peer, DOOR, call),
        None => entropy.draw(),
    }
}

/// Whose door gave this answer.
pub(crate) fn door<'a>(
    call: &CallId,
    answer: &Tag,
    known: &'a [Acquaintance],
) -> Option<&'a Acquaintance> {
    let mut known = known.iter();
    known.find(|one| tag(&one.to_own, DOOR, call) == *answer)
}

fn tag(key: &[u8; 32], role: &[u8], call: &CallId) -> Tag {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of any length");
    mac.update(role);
    mac.update(&call.nonce);
    mac.update(&call.ephemeral);
    let address = match call.door.ip().to_canonical() {
        std::net::IpAddr::V4(ip) => ip.to_ipv6_mapped(),
        std::net::IpAddr::V6(ip) => ip,
    };
    mac.update(&address.octets());
    mac.update(&call.door.port().to_be_bytes());
    mac.update(&call.port.to_be_bytes());
    let mut tag = Tag::default();
    tag.copy_from_slice(&mac.finalize().into_bytes()[..16]);
    tag
}

const CALLER: &[u8] = b"wherry 1 lan caller\0";
const DOOR: &[u8] = b"wherry 1 lan door\0";

#[cfg(test)]
mod tests;
