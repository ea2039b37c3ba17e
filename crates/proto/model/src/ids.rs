use std::fmt;
use std::str::FromStr;

use data_encoding::{BASE32_NOPAD, HEXLOWER};
use serde::{Deserialize, Serialize};

use crate::Digest;

/// Why a text is not an id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IdError {
    /// Not the alphabet or not the length of this kind of id.
    #[error("not a valid id")]
    Malformed,
    /// The check characters do not belong to the rest: a typing error.
    #[error("the check characters do not match: please compare the id again")]
    CheckFailed,
}

/// A device, named by the SHA-256 of its identity key (Ed25519, 32 bytes).
///
/// Shown as 52 base32 characters (RFC 4648 §6) and 4 check characters, in groups of seven:
/// `ABCDEFG-…`. Parsing takes either case, with or without hyphens and spaces.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct DeviceId(pub [u8; 32]);

impl DeviceId {
    /// Names the device whose identity key is `public_key`.
    pub fn of_key(public_key: &[u8; 32]) -> Self {
        Self(Digest::of(public_key).0)
    }

    fn check_characters(&self) -> String {
        let check = Digest::of_parts(&[b"wherry device id check", &self.0]);
        let mut text = BASE32_NOPAD.encode(&check.0);
        text.truncate(CHECK_CHARACTERS);
        text
    }
}

impl fmt::Display for DeviceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = BASE32_NOPAD.encode(&self.0) + &self.check_characters();
        for (index, character) in text.chars().enumerate() {
            if index > 0 && index % GROUP_CHARACTERS == 0 {
                f.write_str("-")?;
            }
            write!(f, "{character}")?;
        }
        Ok(())
    }
}

impl fmt::Debug for DeviceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DeviceId(…)")
    }
}

impl FromStr for DeviceId {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        let joined: String = text
            .chars()
            .filter(|c| !matches!(c, '-' | ' '))
            .map(|c| c.to_ascii_uppercase())
            .collect();
        if joined.len() != ID_CHARACTERS + CHECK_CHARACTERS || !joined.is_ascii() {
            return Err(IdError::Malformed);
        }
        let (body, check) = joined.split_at(ID_CHARACTERS);
        let bytes = BASE32_NOPAD
            .decode(body.as_bytes())
            .map_err(|_| IdError::Malformed)?;
        let id = Self(bytes.try_into().map_err(|_| IdError::Malformed)?);
        if id.check_characters() != check {
            return Err(IdError::CheckFailed);
        }
        Ok(id)
    }
}

/// Base32 characters of 32 bytes.
const ID_CHARACTERS: usize = 52;
/// Check characters: a typing error passes once in a million.
const CHECK_CHARACTERS: usize = 4;
/// Characters between hyphens; 56 divide into eight groups.
const GROUP_CHARACTERS: usize = 7;

macro_rules! random_id {
    ($(#[$doc:meta])* $name:ident, $bytes:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub struct $name(pub [u8; $bytes]);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&HEXLOWER.encode(&self.0))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), HEXLOWER.encode(&self.0[..4]))
            }
        }

        impl FromStr for $name {
            type Err = IdError;

            fn from_str(text: &str) -> Result<Self, IdError> {
                let bytes = HEXLOWER
                    .decode(text.to_ascii_lowercase().as_bytes())
                    .map_err(|_| IdError::Malformed)?;
                Ok(Self(bytes.try_into().map_err(|_| IdError::Malformed)?))
            }
        }
    };
}

random_id!(
    /// A contact in one home: random, never sent anywhere.
    ContactId,
    16
);
random_id!(
    /// One transfer, named by its sender, the same on both sides and after every resume.
    TransferId,
    16
);
random_id!(
    /// One session between two devices, named by whoever offered it.
    SessionId,
    16
);
random_id!(
    /// A mailbox at the signaling server: the SHA-256 of a pair-derived public key of one day.
    MailboxId,
    32
);
random_id!(
    /// A shared folder: named by its owner's key and a nonce, so that only the owner can sign for it.
    FolderId,
    16
);
random_id!(
    /// What a poster shows to a mailbox; the server keeps only its hash.
    PostToken,
    16
);

impl FolderId {
    /// Names the folder that the holder of `public_key` (Ed25519) founded with `nonce`.
    pub fn of_owner(public_key: &[u8; 32], nonce: &[u8; 16]) -> Self {
        let digest = Digest::of_parts(&[b"wherry 1 folder\0", public_key, nonce]).0;
        Self(digest[..16].try_into().expect("half of 32 bytes"))
    }
}

impl MailboxId {
    /// Names the mailbox that the holder of `public_key` (Ed25519) may subscribe to.
    pub fn of_key(public_key: &[u8; 32]) -> Self {
        Self(Digest::of_parts(&[b"wherry mailbox", public_key]).0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn device_id_survives_print_and_parse(bytes: [u8; 32]) {
            let id = DeviceId(bytes);
            let text = id.to_string();
            prop_assert_eq!(text.parse(), Ok(id));
            prop_assert_eq!(text.to_lowercase().replace('-', " ").parse(), Ok(id));
        }

        #[test]
        fn a_typing_error_in_a_device_id_is_noticed(bytes: [u8; 32], place in 0usize..51) {
            let text = DeviceId(bytes).to_string().replace('-', "");
            let mut wrong: Vec<char> = text.chars().collect();
            wrong[place] = if wrong[place] == 'A' { 'B' } else { 'A' };
            let wrong: String = wrong.into_iter().collect();
            prop_assert!(wrong.parse::<DeviceId>().is_err());
        }

        #[test]
        fn parsing_any_text_never_panics(text in ".{0,80}") {
            let _ignored = text.parse::<DeviceId>();
            let _ignored = text.parse::<TransferId>();
        }
    }
}
