//! A person's devices, as everybody who knows the person can check them: a log of signed changes.
//!
//! The first device founds the roster with its own key; every further change is signed by a device that
//! belongs to it at that moment, over the digest of everything before. So a roster cannot be shortened
//! in the middle, reordered or added to by a stranger, and a device that was revoked signs nothing more.

use serde::{Deserialize, Serialize};

use crate::limits::{DEVICES_PER_PERSON, ROSTER_BYTES, ROSTER_CHANGES};
use crate::{
    DeviceId, DeviceKeys, DeviceSecrets, Digest, DisplayName, Purpose, Signature, verify, wire,
};

/// The devices of one person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Roster {
    changes: Vec<SignedChange>,
    members: Vec<Member>,
    digest: Digest,
}

/// A device that belongs to a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RosterDevice {
    /// Its keys, certified.
    pub keys: DeviceKeys,
    /// What it was called when it was added.
    pub name: DisplayName,
}

/// Why a roster from outside, or a change to one, is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RosterError {
    /// Not the shape of a roster, or too long.
    #[error("the list of devices is malformed")]
    Malformed,
    /// A signature or a key's certificate does not check.
    #[error("the list of devices is not signed as it should be")]
    BadSignature,
    /// A change is signed by a device that does not belong to the person at that point.
    #[error("this device does not belong to the person")]
    NotADevice,
    /// The device belonged to the person before: a revoked key never comes back.
    #[error("this device was added before")]
    AddedBefore,
    /// A person keeps at least one device.
    #[error("the last device cannot be revoked")]
    LastDevice,
    /// [`DEVICES_PER_PERSON`], or [`ROSTER_CHANGES`] in all.
    #[error("there are too many devices: revoke one first, or start anew with wherry id renew")]
    TooMany,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
enum Change {
    Add { keys: DeviceKeys, name: DisplayName },
    Revoke { device: DeviceId },
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct SignedChange {
    change: Change,
    signer: DeviceId,
    signature: Signature,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Member {
    device: RosterDevice,
    active: bool,
}

impl Roster {
    /// Begins the roster of a person whose one device this is.
    pub fn found(own: &DeviceSecrets, name: DisplayName) -> Self {
        let mut roster = Self::empty();
        let keys = own.public();
        roster
            .sign(own, Change::Add { keys, name })
            .expect("a device may found a roster of its own");
        roster
    }

    /// Reads a roster and checks every signature in it: takes any bytes.
    pub fn decode(bytes: &[u8]) -> Result<Self, RosterError> {
        let changes: Vec<SignedChange> =
            wire::decode(bytes, ROSTER_BYTES).map_err(|_| RosterError::Malformed)?;
        let mut roster = Self::empty();
        for change in changes {
            roster.append(change)?;
        }
        match roster.members.is_empty() {
            true => Err(RosterError::Malformed),
            false => Ok(roster),
        }
    }

    /// Writes the roster, at most [`ROSTER_BYTES`].
    pub fn encode(&self) -> Vec<u8> {
        wire::encode(&self.changes)
    }

    /// Adds a device, signed by `own`.
    pub fn add(
        &mut self,
        own: &DeviceSecrets,
        keys: DeviceKeys,
        name: DisplayName,
    ) -> Result<(), RosterError> {
        self.sign(own, Change::Add { keys, name })
    }

    /// Revokes a device for good, signed by `own`.
    pub fn revoke(&mut self, own: &DeviceSecrets, device: DeviceId) -> Result<(), RosterError> {
        self.sign(own, Change::Revoke { device })
    }

    /// The devices that belong to the person now, in the order in which they were added.
    pub fn devices(&self) -> impl Iterator<Item = &RosterDevice> {
        let active = self.members.iter().filter(|member| member.active);
        active.map(|member| &member.device)
    }

    /// The device `id`, if it belongs to the person now.
    pub fn device(&self, id: &DeviceId) -> Option<&RosterDevice> {
        self.devices().find(|device| device.keys.device_id() == *id)
    }

    /// Whether the device `id` belonged to the person, and was revoked.
    pub fn has_revoked(&self, id: &DeviceId) -> bool {
        self.member(id).is_some_and(|member| !member.active)
    }

    /// The device that founded the roster; two rosters with different ones are of different persons.
    pub fn root(&self) -> DeviceId {
        self.changes
            .first()
            .map_or(DeviceId([0; 32]), |first| first.signer)
    }

    /// Whether this roster takes the place of `held`: it goes on where that one ends, or it wins where
    /// two devices changed the same roster without knowing of each other.
    ///
    /// There, whoever revokes the other's signer wins; else a revocation wins against an addition; else
    /// the lower digest wins. Two devices that revoke each other leave everybody with what came first.
    pub fn supersedes(&self, held: &Self) -> bool {
        let pairs = self.changes.iter().zip(&held.changes);
        let common = pairs.take_while(|(ours, theirs)| ours == theirs).count();
        match (self.changes.get(common), held.changes.get(common)) {
            (None, _) => false,
            (Some(_), None) => common > 0,
            (Some(_), Some(_)) if common == 0 => false,
            (Some(ours), Some(theirs)) => ours.wins_against(theirs),
        }
    }

    fn empty() -> Self {
        Self {
            changes: Vec::new(),
            members: Vec::new(),
            digest: Digest::of_parts(&[b"wherry 1 roster\0"]),
        }
    }

    fn sign(&mut self, own: &DeviceSecrets, change: Change) -> Result<(), RosterError> {
        let signature = own.sign(Purpose::RosterChange, &self.signed_bytes(&change));
        self.append(SignedChange {
            change,
            signer: own.device_id(),
            signature,
        })
    }

    /// What a signature of the next change covers: everything before it, and the change.
    fn signed_bytes(&self, change: &Change) -> Vec<u8> {
        [self.digest.0.as_slice(), &wire::encode(change)].concat()
    }

    fn append(&mut self, signed: SignedChange) -> Result<(), RosterError> {
        if self.changes.len() >= ROSTER_CHANGES {
            return Err(RosterError::TooMany);
        }
        let signer = self.signer(&signed)?.signing;
        let bytes = self.signed_bytes(&signed.change);
        verify(&signer, Purpose::RosterChange, &bytes, &signed.signature)
            .map_err(|_| RosterError::BadSignature)?;
        self.apply(&signed.change)?;
        self.digest = Digest::of_parts(&[
            b"wherry 1 roster change\0",
            &self.digest.0,
            &wire::encode(&signed),
        ]);
        self.changes.push(signed);
        Ok(())
    }

    /// The keys of whoever signs: a device of the person, or at first the device itself.
    fn signer(&self, signed: &SignedChange) -> Result<DeviceKeys, RosterError> {
        if let Some(device) = self.device(&signed.signer) {
            return Ok(device.keys);
        }
        match &signed.change {
            Change::Add { keys, .. }
                if self.changes.is_empty() && keys.device_id() == signed.signer =>
            {
                Ok(*keys)
            }
            Change::Add { .. } | Change::Revoke { .. } => Err(RosterError::NotADevice),
        }
    }

    fn apply(&mut self, change: &Change) -> Result<(), RosterError> {
        let active = self.devices().count();
        match change {
            Change::Add { keys, name } => {
                keys.check().map_err(|_| RosterError::BadSignature)?;
                if self.member(&keys.device_id()).is_some() {
                    return Err(RosterError::AddedBefore);
                }
                if active >= DEVICES_PER_PERSON {
                    return Err(RosterError::TooMany);
                }
                self.members.push(Member {
                    device: RosterDevice {
                        keys: *keys,
                        name: name.clone(),
                    },
                    active: true,
                });
            }
            Change::Revoke { device } => {
                let mut members = self.members.iter_mut();
                let found = members
                    .find(|member| member.active && member.device.keys.device_id() == *device);
                let found = found.ok_or(RosterError::NotADevice)?;
                if active == 1 {
                    return Err(RosterError::LastDevice);
                }
                found.active = false;
            }
        }
        Ok(())
    }

    fn member(&self, id: &DeviceId) -> Option<&Member> {
        let mut members = self.members.iter();
        members.find(|member| member.device.keys.device_id() == *id)
    }
}

impl SignedChange {
    fn wins_against(&self, other: &Self) -> bool {
        match (self.revokes(&other.signer), other.revokes(&self.signer)) {
            (true, true) => return false,
            (true, false) => return true,
            (false, true) => return false,
            (false, false) => {}
        }
        match (&self.change, &other.change) {
            (Change::Revoke { .. }, Change::Add { .. }) => true,
            (Change::Add { .. }, Change::Revoke { .. }) => false,
            (Change::Add { .. }, Change::Add { .. })
            | (Change::Revoke { .. }, Change::Revoke { .. }) => {
                Digest::of(&wire::encode(self)) < Digest::of(&wire::encode(other))
            }
        }
    }

    fn revokes(&self, id: &DeviceId) -> bool {
        matches!(&self.change, Change::Revoke { device } if device == id)
    }
}

#[cfg(test)]
mod tests;
