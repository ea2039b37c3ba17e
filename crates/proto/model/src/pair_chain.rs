use std::fmt;

use hkdf::Hkdf;
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::keys::{public_of_seed, sign_with_seed};
use crate::{DeviceId, MailboxId, PostToken, Purpose, Signature, SigningPublicKey};

/// What two devices share after pairing: 32 bytes that only they know.
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop, Serialize, Deserialize)]
pub struct PairSecret(pub [u8; 32]);

impl fmt::Debug for PairSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PairSecret(…)")
    }
}

/// Days since 1970-01-01 UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Day(pub u32);

impl Day {
    /// The day that holds the second `unix_seconds`.
    pub fn of_unix_seconds(unix_seconds: u64) -> Self {
        Self(u32::try_from(unix_seconds / 86_400).unwrap_or(u32::MAX))
    }

    /// Yesterday, today and tomorrow: the days whose keys are in use, so that clocks may disagree.
    pub fn window(self) -> [Self; 3] {
        [
            Self(self.0.saturating_sub(1)),
            self,
            Self(self.0.saturating_add(1)),
        ]
    }
}

/// A one-way chain of daily keys that starts at pairing.
///
/// Keys of days before the chain's own cannot be found again. The chain advances only to the day before
/// one on which a session with the contact succeeded ([`PairChain::confirm`]), so a clock that jumps
/// ahead never deletes the last good key.
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop, Serialize, Deserialize)]
pub struct PairChain {
    #[zeroize(skip)]
    day: Day,
    key: [u8; 32],
}

impl PairChain {
    /// Starts the chain of `secret`, kept from one day before the pairing, so that clocks may disagree.
    ///
    /// The chain itself begins at [`CHAIN_EPOCH`], so that both sides derive the same keys even when they
    /// pair at midnight and each on its own day.
    pub fn start(secret: &PairSecret, paired_on: Day) -> Self {
        let mut chain = Self {
            day: CHAIN_EPOCH,
            key: hkdf(&secret.0, b"wherry 1 pair chain", &[]),
        };
        let keep_from = paired_on.0.saturating_sub(1).min(LATEST_PAIRING.0);
        while chain.day.0 < keep_from {
            chain.key = next_day(&chain.key);
            chain.day.0 += 1;
        }
        chain
    }

    /// The first day whose keys can still be derived.
    pub fn first_day(&self) -> Day {
        self.day
    }

    /// Derives the keys of `day`, or `None` for a day before the chain or more than
    /// [`crate::limits::PAIR_CHAIN_DAYS_AHEAD`] after it (a clock that is wrong by years).
    ///
    /// Both devices must name themselves the same way round: `own` and `peer` are device ids.
    pub fn keys(&self, day: Day, own: &DeviceId, peer: &DeviceId) -> Option<DayKeys> {
        let key = self.key_of(day)?;
        let session_psk = hkdf(&key, b"wherry 1 session psk", &[]);
        Some(DayKeys {
            day,
            to_own: DirectionKeys::derive(&key, own),
            to_peer: DirectionKeys::derive(&key, peer),
            session_psk,
        })
    }

    /// Forgets the keys before the day before `day`, on which a session succeeded.
    pub fn confirm(&mut self, day: Day) {
        let keep_from = Day(day.0.saturating_sub(1));
        if keep_from <= self.day {
            return;
        }
        let Some(key) = self.key_of(keep_from) else {
            return;
        };
        self.key = key;
        self.day = keep_from;
    }

    fn key_of(&self, day: Day) -> Option<[u8; 32]> {
        let steps = day.0.checked_sub(self.day.0)?;
        if steps > crate::limits::PAIR_CHAIN_DAYS_AHEAD {
            return None;
        }
        let mut key = self.key;
        for _ in 0..steps {
            key = next_day(&key);
        }
        Some(key)
    }
}

fn next_day(key: &[u8; 32]) -> [u8; 32] {
    hkdf(key, b"wherry 1 pair chain next day", &[])
}

/// The day before which nothing was paired: 2026-01-01.
const CHAIN_EPOCH: Day = Day(20_454);
/// A clock that says it is later than this (in 2126) is broken; following it would take too long.
const LATEST_PAIRING: Day = Day(CHAIN_EPOCH.0 + 36_525);

impl fmt::Debug for PairChain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PairChain(from {:?})", self.day)
    }
}

/// What a pair uses on one day.
#[derive(Clone)]
pub struct DayKeys {
    /// The day.
    pub day: Day,
    /// Keys of messages to this device.
    pub to_own: DirectionKeys,
    /// Keys of messages to the peer.
    pub to_peer: DirectionKeys,
    /// The pre-shared key of sessions that begin on this day.
    pub session_psk: [u8; 32],
}

impl fmt::Debug for DayKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DayKeys({:?})", self.day)
    }
}

/// The keys of one direction on one day.
#[derive(Clone)]
pub struct DirectionKeys {
    mailbox_seed: [u8; 32],
    /// Seals envelopes (XChaCha20-Poly1305).
    pub envelope: [u8; 32],
    /// Lets the other side post.
    pub post_token: PostToken,
    /// Proves to the recipient, on a local network, who calls.
    pub hint: [u8; 32],
}

impl DirectionKeys {
    fn derive(day_key: &[u8; 32], recipient: &DeviceId) -> Self {
        let token = hkdf(day_key, b"wherry 1 post token", &recipient.0);
        let mut post_token = [0; 16];
        post_token.copy_from_slice(&token[..16]);
        Self {
            mailbox_seed: hkdf(day_key, b"wherry 1 mailbox", &recipient.0),
            envelope: hkdf(day_key, b"wherry 1 envelope", &recipient.0),
            post_token: PostToken(post_token),
            hint: hkdf(day_key, b"wherry 1 lan hint", &recipient.0),
        }
    }

    /// The mailbox of this direction.
    pub fn mailbox(&self) -> MailboxId {
        MailboxId::of_key(&self.mailbox_key().0)
    }

    /// The public key whose hash names the mailbox.
    pub fn mailbox_key(&self) -> SigningPublicKey {
        public_of_seed(&self.mailbox_seed)
    }

    /// Proves the right to read the mailbox: signs the server's challenge.
    pub fn sign_subscription(&self, message: &[u8]) -> Signature {
        sign_with_seed(&self.mailbox_seed, Purpose::MailboxSubscription, message)
    }
}

impl fmt::Debug for DirectionKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DirectionKeys(…)")
    }
}

/// HKDF-SHA-256 (RFC 5869) of 32 bytes, with `label ‖ 0 ‖ context` as the info.
pub(crate) fn hkdf(secret: &[u8; 32], label: &[u8], context: &[u8]) -> [u8; 32] {
    let mut okm = [0; 32];
    Hkdf::<Sha256>::new(None, secret)
        .expand_multi_info(&[label, &[0], context], &mut okm)
        .expect("32 bytes are fewer than 255 hash lengths");
    okm
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const ANA: DeviceId = DeviceId([1; 32]);
    const BEN: DeviceId = DeviceId([2; 32]);

    fn chain() -> PairChain {
        PairChain::start(&PairSecret([9; 32]), Day(21_000))
    }

    proptest! {
        #[test]
        fn both_sides_derive_mirrored_keys(day in 20_999u32..21_100) {
            let ana = chain().keys(Day(day), &ANA, &BEN).unwrap();
            let ben = chain().keys(Day(day), &BEN, &ANA).unwrap();
            prop_assert_eq!(ana.to_own.mailbox(), ben.to_peer.mailbox());
            prop_assert_eq!(ana.to_peer.envelope, ben.to_own.envelope);
            prop_assert_eq!(ana.to_peer.hint, ben.to_own.hint);
            prop_assert_ne!(ana.to_peer.hint, ana.to_own.hint);
            prop_assert_eq!(ana.session_psk, ben.session_psk);
            prop_assert_ne!(ana.to_own.mailbox(), ana.to_peer.mailbox());
        }

        #[test]
        fn confirming_keeps_yesterday_and_forgets_the_day_before(day in 21_001u32..21_300) {
            let mut confirmed = chain();
            confirmed.confirm(Day(day));
            for kept in [day - 1, day, day + 1] {
                let before = chain().keys(Day(kept), &ANA, &BEN).unwrap();
                let after = confirmed.keys(Day(kept), &ANA, &BEN).unwrap();
                prop_assert_eq!(before.session_psk, after.session_psk);
            }
            prop_assert!(confirmed.keys(Day(day - 2), &ANA, &BEN).is_none());
        }
    }

    #[test]
    fn a_chain_is_followed_for_ten_years_and_not_a_day_longer() {
        let last = 21_000 - 1 + crate::limits::PAIR_CHAIN_DAYS_AHEAD;
        let first = (20_990..=21_000).find(|&day| chain().keys(Day(day), &ANA, &BEN).is_some());
        assert_eq!(first, Some(20_999), "the day before the pairing is kept");
        assert!(chain().keys(Day(last), &ANA, &BEN).is_some());
        assert!(chain().keys(Day(last + 1), &ANA, &BEN).is_none());
    }

    #[test]
    fn a_clock_that_jumps_ahead_loses_nothing() {
        let mut chain = chain();
        assert!(chain.keys(Day(100_000), &ANA, &BEN).is_none());
        chain.confirm(Day(100_000));
        assert!(chain.keys(Day(21_000), &ANA, &BEN).is_some());
    }

    #[test]
    fn pairing_at_midnight_gives_the_same_keys_on_both_days() {
        let late = PairChain::start(&PairSecret([9; 32]), Day(21_001));
        let keys = |chain: &PairChain| chain.keys(Day(21_001), &ANA, &BEN).unwrap().session_psk;
        assert_eq!(keys(&chain()), keys(&late));
    }

    #[test]
    fn a_clock_from_before_the_first_release_or_beyond_all_time_is_survived() {
        for day in [0, u32::MAX] {
            let chain = PairChain::start(&PairSecret([9; 32]), Day(day));
            assert!(chain.keys(chain.first_day(), &ANA, &BEN).is_some());
        }
    }
}
