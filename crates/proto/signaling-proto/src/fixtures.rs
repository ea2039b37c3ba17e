//! What tests of this crate begin with.

use std::time::Instant;

use model::{Day, DeviceId, DeviceSecrets, DirectionKeys, Entropy, PairChain, PairSecret};

#[expect(
    clippy::disallowed_methods,
    reason = "the one place where a test may start its clock"
)]
pub(crate) fn start() -> Instant {
    Instant::now()
}

/// Random bytes that are the same in every run (SplitMix64).
pub(crate) struct Seeded(pub(crate) u64);

impl Entropy for Seeded {
    fn fill(&mut self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(8) {
            self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
            let mut mixed = self.0;
            mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
            mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
            mixed ^= mixed >> 31;
            chunk.copy_from_slice(&mixed.to_be_bytes()[..chunk.len()]);
        }
    }
}

pub(crate) fn account(number: u8) -> DeviceSecrets {
    DeviceSecrets::from_bytes(&[number; 64])
}

/// What somebody posts to, and somebody else reads.
pub(crate) fn direction(number: u16) -> DirectionKeys {
    let day = Day(20_460);
    let mut secret = [0; 32];
    secret[..2].copy_from_slice(&number.to_be_bytes());
    let chain = PairChain::start(&PairSecret(secret), day);
    let keys = chain.keys(day, &DeviceId([1; 32]), &DeviceId([2; 32]));
    keys.expect("the chain begins on this day").to_own
}
