use std::fmt;

use model::limits::{DEVICES_PER_PERSON, NOTICE_BYTES};
use model::{DeviceId, DeviceKeys, DisplayName, PairSecret, wire};
use serde::{Deserialize, Serialize};

/// What devices that know each other tell each other about persons with several devices.
///
/// Travels inside a sealed envelope, so its sender is proven; what it says of others is checked by
/// `model::Roster` and believed only as far as the sender may speak of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum DeviceNotice {
    /// The sender's person has these devices.
    Roster(RosterNotice),
    /// The sender's person has this contact. Only between devices of one person.
    Contact(ContactNotice),
    /// The sender told everything that a new device of its person needs.
    HandedOver {
        /// How many contacts that was.
        contacts: u32,
    },
}

/// The devices of the sender's person, and the secrets to reach new ones with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RosterNotice {
    /// A `model::Roster`, encoded.
    pub roster: Vec<u8>,
    /// Devices of it that the recipient does not share a secret with yet.
    pub introduced: Vec<IntroducedDevice>,
    /// The devices of the recipient's person to whom the sender introduces these devices itself.
    pub told: Vec<DeviceId>,
}

/// A secret that the recipient shares from now on with another device.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IntroducedDevice {
    /// The other device; it gets the same secret.
    pub device: DeviceId,
    /// The secret, drawn by the introducing device.
    pub secret: PairSecret,
}

impl fmt::Debug for IntroducedDevice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "IntroducedDevice({:?})", self.device)
    }
}

/// A contact of the sender's person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContactNotice {
    /// The name that the person gave it.
    pub name: DisplayName,
    /// Whether words were compared.
    pub verified: bool,
    /// Whether the person looks offline to it.
    pub blocked: bool,
    /// Whether its offers are declined unasked.
    pub muted: bool,
    /// Its `model::Roster`, encoded, if it has ever said that it has one.
    pub roster: Option<Vec<u8>>,
    /// Its devices, each with the secret to reach it: 1 to [`DEVICES_PER_PERSON`].
    pub devices: Vec<SharedDevice>,
}

/// A contact's device and the secret that the recipient shares with it from now on.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SharedDevice {
    /// Its keys, certified.
    pub keys: DeviceKeys,
    /// What it is called.
    pub name: DisplayName,
    /// The secret, drawn by the introducing device.
    pub secret: PairSecret,
}

impl fmt::Debug for SharedDevice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SharedDevice({:?})", self.keys.device_id())
    }
}

/// Why a notice is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoticeError {
    /// Not the shape of a notice, or beyond its limits.
    #[error("the notice is malformed")]
    Malformed,
    /// A device's keys do not belong together.
    #[error("the notice names keys that do not belong together")]
    WrongKeys,
}

impl DeviceNotice {
    /// Writes the notice.
    pub fn encode(&self) -> Vec<u8> {
        wire::encode(self)
    }

    /// Reads a notice of at most [`NOTICE_BYTES`]: takes any bytes.
    pub fn decode(bytes: &[u8]) -> Result<Self, NoticeError> {
        let notice = wire::decode(bytes, NOTICE_BYTES).map_err(|_| NoticeError::Malformed)?;
        match &notice {
            Self::Roster(roster) => roster.check()?,
            Self::Contact(contact) => contact.check()?,
            Self::HandedOver { .. } => {}
        }
        Ok(notice)
    }
}

impl RosterNotice {
    fn check(&self) -> Result<(), NoticeError> {
        let longest = self.introduced.len().max(self.told.len());
        match longest > DEVICES_PER_PERSON {
            true => Err(NoticeError::Malformed),
            false => Ok(()),
        }
    }
}

impl ContactNotice {
    fn check(&self) -> Result<(), NoticeError> {
        if self.devices.is_empty() || self.devices.len() > DEVICES_PER_PERSON {
            return Err(NoticeError::Malformed);
        }
        let mut devices = self.devices.iter();
        match devices.all(|device| device.keys.check().is_ok()) {
            true => Ok(()),
            false => Err(NoticeError::WrongKeys),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::limits::ROSTER_BYTES;
    use model::{DeviceSecrets, Roster};
    use proptest::prelude::*;

    fn contact(devices: usize) -> DeviceNotice {
        let shared = SharedDevice {
            keys: DeviceSecrets::from_bytes(&[1; 64]).public(),
            name: DisplayName::new("phone"),
            secret: PairSecret([2; 32]),
        };
        DeviceNotice::Contact(ContactNotice {
            name: DisplayName::new("Mia"),
            verified: true,
            blocked: false,
            muted: false,
            roster: None,
            devices: vec![shared; devices],
        })
    }

    fn roster(introduced: usize, told: usize) -> DeviceNotice {
        let own = DeviceSecrets::from_bytes(&[3; 64]);
        let introduction = IntroducedDevice {
            device: own.device_id(),
            secret: PairSecret([4; 32]),
        };
        DeviceNotice::Roster(RosterNotice {
            roster: Roster::found(&own, DisplayName::new("laptop")).encode(),
            introduced: vec![introduction; introduced],
            told: vec![own.device_id(); told],
        })
    }

    proptest! {
        #[test]
        fn notices_have_one_form_and_bounds(count in 0usize..20, told in 0usize..20, contacts: u32) {
            let fits = |number| number <= DEVICES_PER_PERSON;
            let notice = roster(count, told);
            let read = DeviceNotice::decode(&notice.encode());
            prop_assert_eq!(read.is_ok(), fits(count) && fits(told));
            let notice = contact(count);
            let read = DeviceNotice::decode(&notice.encode());
            prop_assert_eq!(read.is_ok(), fits(count) && count > 0);
            let notice = DeviceNotice::HandedOver { contacts };
            prop_assert_eq!(DeviceNotice::decode(&notice.encode()), Ok(notice));
        }

        #[test]
        fn any_bytes_are_judged_without_panic(bytes in prop::collection::vec(any::<u8>(), 0..800)) {
            if let Ok(notice) = DeviceNotice::decode(&bytes) {
                prop_assert_eq!(DeviceNotice::decode(&notice.encode()), Ok(notice));
            }
        }

        #[test]
        fn a_changed_byte_never_makes_other_keys(place in any::<prop::sample::Index>(), flip in 1u8..) {
            let mut bytes = contact(1).encode();
            let place = place.index(bytes.len());
            bytes[place] ^= flip;
            if let Ok(DeviceNotice::Contact(read)) = DeviceNotice::decode(&bytes) {
                let honest = DeviceSecrets::from_bytes(&[1; 64]).public();
                prop_assert!(read.devices.iter().all(|device| device.keys == honest));
            }
        }
    }

    #[test]
    fn the_longest_notice_fits_an_envelope() {
        let DeviceNotice::Roster(mut longest) = roster(DEVICES_PER_PERSON, DEVICES_PER_PERSON)
        else {
            unreachable!("it was made as one");
        };
        longest.roster = vec![0; ROSTER_BYTES];
        let bytes = DeviceNotice::Roster(longest).encode();
        assert!(bytes.len() <= NOTICE_BYTES);
        let DeviceNotice::Contact(mut longest) = contact(DEVICES_PER_PERSON) else {
            unreachable!("it was made as one");
        };
        longest.roster = Some(vec![0; ROSTER_BYTES]);
        for device in &mut longest.devices {
            device.name = DisplayName::new(&"ä".repeat(64));
        }
        let bytes = DeviceNotice::Contact(longest).encode();
        assert!(bytes.len() <= NOTICE_BYTES, "{}", bytes.len());
    }

    #[test]
    fn secrets_are_never_printed() {
        let printed = format!("{:?} {:?}", contact(1), roster(1, 0));
        assert!(!printed.contains("[2, 2") && !printed.contains("[4, 4"));
    }
}
