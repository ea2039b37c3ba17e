use std::fmt;

use model::{DeviceKeys, DisplayName, NoisePublicKey, wire};
use serde::{Deserialize, Serialize};
use zeroize::{Zeroize, ZeroizeOnDrop};

/// Why two devices pair. Both must want the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum PairingPurpose {
    /// To become contacts: both people compare six words and press Add.
    Contact,
    /// For one transfer: nobody becomes a contact, and knowing the code is enough.
    Transfer,
    /// The claimer's device becomes one more device of the issuer's person: both see the six words.
    Device,
}

/// What each device says about itself inside the encrypted part of the handshake.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Introduction {
    /// Its keys, certified.
    pub keys: DeviceKeys,
    /// What it calls itself.
    pub name: DisplayName,
    /// Why it pairs.
    pub purpose: PairingPurpose,
    /// Its share of the pair secret.
    pub contribution: Contribution,
}

impl fmt::Debug for Introduction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Introduction({:?})", self.purpose)
    }
}

/// Why an introduction is not believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum IntroductionError {
    /// Not the shape of an introduction.
    #[error("the introduction is malformed")]
    Malformed,
    /// The keys' certificate does not check, or the handshake was not done with these keys.
    #[error("the introduction's keys do not belong together")]
    WrongKeys,
}

impl Introduction {
    /// Writes the introduction and pads it, so that its length does not tell that of the name.
    pub fn encode(&self) -> Vec<u8> {
        let body = wire::encode(self);
        let length = u16::try_from(body.len()).expect("an introduction is bounded");
        let mut bytes = [length.to_be_bytes().as_slice(), &body].concat();
        bytes.resize(INTRODUCTION_BYTES, 0);
        bytes
    }

    /// Reads an introduction and checks its certificate: takes any bytes.
    pub fn decode(bytes: &[u8]) -> Result<Self, IntroductionError> {
        let introduction = unpad(bytes)
            .and_then(|body| wire::decode::<Self>(body, INTRODUCTION_BYTES).ok())
            .ok_or(IntroductionError::Malformed)?;
        introduction
            .keys
            .check()
            .map_err(|_| IntroductionError::WrongKeys)?;
        Ok(introduction)
    }

    /// Checks that the handshake was done with the Noise key introduced.
    pub(crate) fn check_static(
        &self,
        remote: Option<NoisePublicKey>,
    ) -> Result<(), IntroductionError> {
        if remote != Some(self.keys.noise) {
            return Err(IntroductionError::WrongKeys);
        }
        Ok(())
    }
}

fn unpad(bytes: &[u8]) -> Option<&[u8]> {
    if bytes.len() != INTRODUCTION_BYTES {
        return None;
    }
    let (length, rest) = bytes.split_first_chunk::<2>()?;
    let (body, zeros) = rest.split_at_checked(usize::from(u16::from_be_bytes(*length)))?;
    zeros.iter().all(|&byte| byte == 0).then_some(body)
}

/// 32 random bytes, wiped when dropped.
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop, Serialize, Deserialize)]
pub struct Contribution(pub [u8; 32]);

impl fmt::Debug for Contribution {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Contribution(…)")
    }
}

/// Keys 128, name 2 + 128, purpose 1, contribution 32, length 2, and room.
const INTRODUCTION_BYTES: usize = 320;

#[cfg(test)]
mod tests {
    use super::*;
    use model::DeviceSecrets;
    use proptest::prelude::*;

    fn introduction(name: &str) -> Introduction {
        Introduction {
            keys: DeviceSecrets::from_bytes(&[1; 64]).public(),
            name: DisplayName::new(name),
            purpose: PairingPurpose::Contact,
            contribution: Contribution([2; 32]),
        }
    }

    proptest! {
        #[test]
        fn every_introduction_has_one_length_and_is_read_back(name in any::<String>()) {
            let introduction = introduction(&name);
            let bytes = introduction.encode();
            prop_assert_eq!(bytes.len(), INTRODUCTION_BYTES);
            prop_assert_eq!(Introduction::decode(&bytes), Ok(introduction));
        }

        #[test]
        fn any_bytes_are_judged_without_panic(
            mut bytes in prop::collection::vec(any::<u8>(), 0..400),
        ) {
            prop_assert!(Introduction::decode(&bytes).is_err());
            bytes.resize(INTRODUCTION_BYTES, 0);
            prop_assert!(Introduction::decode(&bytes).is_err());
        }
    }

    #[test]
    fn the_longest_name_fits() {
        let longest = introduction(&"ä".repeat(64));
        assert_eq!(Introduction::decode(&longest.encode()), Ok(longest));
    }

    #[test]
    fn keys_that_do_not_belong_together_are_refused() {
        let other = DeviceSecrets::from_bytes(&[3; 64]).public();
        let mut forged = introduction("Ana");
        forged.keys.noise = other.noise;
        let decoded = Introduction::decode(&forged.encode());
        assert_eq!(decoded, Err(IntroductionError::WrongKeys));

        let honest = introduction("Ana");
        assert_eq!(honest.check_static(Some(honest.keys.noise)), Ok(()));
        for remote in [None, Some(other.noise)] {
            let checked = honest.check_static(remote);
            assert_eq!(checked, Err(IntroductionError::WrongKeys));
        }
    }

    #[test]
    fn padding_that_is_not_zero_is_refused() {
        let mut bytes = introduction("Ana").encode();
        *bytes.last_mut().unwrap() = 1;
        let decoded = Introduction::decode(&bytes);
        assert_eq!(decoded, Err(IntroductionError::Malformed));
    }
}
