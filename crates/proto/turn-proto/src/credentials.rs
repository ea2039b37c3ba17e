//! Credentials that are good for a while, made without asking the relay.
//!
//! Who shares a secret with the relay makes them: the user name is `<end, in seconds since 1970>:<id>`, the
//! password the Base64 of its HMAC-SHA-1 under the secret. coturn calls this `use-auth-secret`.

use std::fmt;

use data_encoding::BASE64;
use hmac::{Hmac, Mac};
use sha1::Sha1;
use zeroize::Zeroizing;

/// What a client shows a relay.
#[derive(Clone, PartialEq, Eq)]
pub struct Credentials {
    /// The end of their time, and whose they are.
    pub username: String,
    /// Proves that somebody with the secret made them.
    pub password: String,
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Credentials(…)")
    }
}

/// What a relay and those who hand out its credentials share.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Zeroizing<Vec<u8>>);

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// The text is no secret: shorter than [`SECRET_BYTES`], or longer than [`SECRET_BYTES_MAX`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a secret has at least {SECRET_BYTES} and at most {SECRET_BYTES_MAX} bytes")]
pub struct SecretError;

/// Why a user name is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum UsernameError {
    /// Not `<number>:<id>`, or longer than [`USERNAME_BYTES`].
    #[error("the user name is not of the expected form")]
    Malformed,
    /// Its time is over.
    #[error("the credentials have expired")]
    Expired,
    /// Its time ends later than anybody hands out: the secret's holder would not make such a one.
    #[error("the credentials would never expire")]
    TooLong,
}

impl Secret {
    /// Takes a secret as it stands in a configuration, without the white space around it.
    pub fn new(text: &str) -> Result<Self, SecretError> {
        let text = text.trim();
        if !(SECRET_BYTES..=SECRET_BYTES_MAX).contains(&text.len()) {
            return Err(SecretError);
        }
        Ok(Self(Zeroizing::new(text.as_bytes().to_vec())))
    }

    /// Makes credentials for `id` that are good until `until_unix_s`.
    pub fn issue(&self, id: &str, until_unix_s: u64) -> Credentials {
        let username = format!("{until_unix_s}:{id}");
        let password = self.password(&username);
        Credentials { username, password }
    }

    /// The password that belongs to a user name.
    pub(crate) fn password(&self, username: &str) -> String {
        let mut tag = Hmac::<Sha1>::new_from_slice(&self.0).expect("HMAC takes any key");
        tag.update(username.as_bytes());
        BASE64.encode(&tag.finalize().into_bytes())
    }
}

/// Whose credentials these are, if their time is not over.
pub(crate) fn owner(username: &str, now_unix_s: u64) -> Result<&str, UsernameError> {
    if username.len() > USERNAME_BYTES {
        return Err(UsernameError::Malformed);
    }
    let (until, id) = username.split_once(':').ok_or(UsernameError::Malformed)?;
    let is_plain = !until.is_empty() && until.bytes().all(|it| it.is_ascii_digit());
    if !is_plain || id.is_empty() {
        return Err(UsernameError::Malformed);
    }
    let until: u64 = until.parse().map_err(|_| UsernameError::TooLong)?;
    if until <= now_unix_s {
        return Err(UsernameError::Expired);
    }
    if until - now_unix_s > LONGEST_S {
        return Err(UsernameError::TooLong);
    }
    Ok(id)
}

/// A secret must not be guessable from one captured message.
pub const SECRET_BYTES: usize = 16;
/// More is a mistake.
pub const SECRET_BYTES_MAX: usize = 512;
/// RFC 8489 §14.3 allows 508; ours have fewer than 60.
pub const USERNAME_BYTES: usize = 256;
/// No honest credentials are good for longer than a week.
pub const LONGEST_S: u64 = 7 * 24 * 60 * 60;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const NOW: u64 = 1_800_000_000;

    #[test]
    fn a_password_is_the_one_coturn_expects() {
        // echo -n 1800000600:ana | openssl dgst -sha1 -hmac 0123456789abcdef -binary | base64
        let secret = Secret::new(" 0123456789abcdef\n").unwrap();
        let credentials = secret.issue("ana", NOW + 600);
        assert_eq!(credentials.username, "1800000600:ana");
        assert_eq!(credentials.password, "K78MHeRHkZnsE8hpTCbvQiUfrxM=");
    }

    #[test]
    fn credentials_name_their_owner_until_their_time_is_over() {
        assert_eq!(owner("1800000001:a:b", NOW), Ok("a:b"));
        assert_eq!(owner("1800000000:a", NOW), Err(UsernameError::Expired));
        assert_eq!(owner("0:a", NOW), Err(UsernameError::Expired));
    }

    #[test]
    fn names_of_another_form_are_not_taken() {
        for name in [
            "",
            ":",
            "a",
            "12:",
            ":a",
            "+1800000001:a",
            " 1800000001:a",
            "1.8e9:a",
        ] {
            assert_eq!(owner(name, NOW), Err(UsernameError::Malformed), "{name}");
        }
        let long = format!("1800000001:{}", "x".repeat(USERNAME_BYTES));
        assert_eq!(owner(&long, NOW), Err(UsernameError::Malformed));
        for name in ["1800604801:a", "99999999999999999999999:a"] {
            assert_eq!(owner(name, NOW), Err(UsernameError::TooLong), "{name}");
        }
    }

    #[test]
    fn a_short_secret_is_refused() {
        assert_eq!(Secret::new("0123456789abcde"), Err(SecretError));
        assert_eq!(Secret::new(&"x".repeat(513)), Err(SecretError));
    }

    #[test]
    fn neither_secrets_nor_credentials_show_in_logs() {
        let secret = Secret::new("0123456789abcdef").unwrap();
        let shown = format!("{secret:?} {:?}", secret.issue("ana", NOW));
        assert!(!shown.contains("0123") && !shown.contains("ana"), "{shown}");
    }

    proptest! {
        #[test]
        fn any_user_name_is_read_without_harm(name in "\\PC{0,80}|[0-9:]{0,30}", now: u64) {
            if let Ok(id) = owner(&name, now) {
                prop_assert!(name.ends_with(id));
            }
        }
    }
}
