use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use super::address::AddressKey;
use crate::message::CodeRefusal;
use crate::rate::Bucket;

/// Claims per address that came to nothing: guessing codes from one address is hopeless.
#[derive(Debug)]
pub(super) struct Claims {
    per_hour: u32,
    buckets: BTreeMap<AddressKey, Bucket>,
    prune_at: Option<Instant>,
}

impl Claims {
    pub(super) fn new(per_hour: u32) -> Self {
        Self {
            per_hour,
            buckets: BTreeMap::new(),
            prune_at: None,
        }
    }

    /// Counts a claim as failed until [`Claims::refund`] says otherwise.
    pub(super) fn charge(&mut self, address: AddressKey, now: Instant) -> Result<(), CodeRefusal> {
        if self.buckets.len() >= ADDRESSES && !self.buckets.contains_key(&address) {
            return Err(CodeRefusal::ServerBusy);
        }
        self.prune_at.get_or_insert(now + PRUNE_TIME);
        let fresh = || Bucket::new(self.per_hour.into(), HOUR, now);
        let bucket = self.buckets.entry(address).or_insert_with(fresh);
        bucket
            .take(1, now)
            .map_err(|wait| CodeRefusal::TooManyAttempts {
                retry_after_s: u16::try_from(wait.as_secs() + 1).unwrap_or(u16::MAX),
            })
    }

    /// Takes a charge back: the claim led to a pairing.
    pub(super) fn refund(&mut self, address: AddressKey, now: Instant) {
        if let Some(bucket) = self.buckets.get_mut(&address) {
            bucket.refund(1, now);
        }
    }

    /// Forgets the addresses whose failures are an hour old.
    pub(super) fn prune(&mut self, now: Instant) {
        if self.prune_at.is_none_or(|at| at > now) {
            return;
        }
        self.buckets.retain(|_, bucket| bucket.full_at() > now);
        self.prune_at = (!self.buckets.is_empty()).then_some(now + PRUNE_TIME);
    }

    pub(super) fn deadline(&self) -> Option<Instant> {
        self.prune_at
    }
}

const HOUR: Duration = Duration::from_secs(60 * 60);
/// Looking through all of them is cheap at this pace.
const PRUNE_TIME: Duration = Duration::from_secs(5 * 60);
/// Addresses whose failures are remembered: about 6 MB.
const ADDRESSES: usize = 65_536;
