//! What all transfers together may send and receive in a second.

use std::num::NonZeroU64;
use std::time::{Duration, Instant};

use api::{TransferDirection, TransferState};
use model::limits::RATE_LIMIT_BYTES_PER_S;
use tokio::sync::watch;

use crate::hub::Hub;
use crate::pace::{SharedPace, week_time};
use crate::rate::RateRule;
use crate::transfer::Steer;

/// The common limits of sending and of receiving.
#[derive(Debug)]
pub(in crate::hub) struct Speed {
    pub(super) sending: SharedPace,
    says_send_rule: watch::Sender<RateRule>,
    receive_rule: RateRule,
    /// When the time of the day may have brought another limit.
    look_up_at: Option<Instant>,
}

impl Speed {
    /// The limits, and the task that must run for them.
    pub(in crate::hub) fn start() -> (Self, impl Future<Output = ()> + Send) {
        let (says_send_rule, rule) = watch::channel(RateRule::default());
        let (sending, pacer) = SharedPace::start(rule);
        let speed = Self {
            sending,
            says_send_rule,
            receive_rule: RateRule::default(),
            look_up_at: None,
        };
        (speed, pacer)
    }

    pub(super) fn deadline(&self) -> Option<Instant> {
        self.look_up_at
    }
}

impl Hub {
    pub(in crate::hub) fn set_send_rule(&mut self, rule: RateRule) {
        self.transfers.speed.says_send_rule.send_replace(rule);
    }

    pub(in crate::hub) fn set_receive_rule(&mut self, rule: RateRule) {
        self.transfers.speed.receive_rule = rule;
        self.share_receive_rate();
    }

    /// Divides what may be received among those that receive; each sender is asked to keep to its share.
    pub(in crate::hub) fn share_receive_rate(&mut self) {
        let now = week_time();
        let speed = &mut self.transfers.speed;
        let whole = speed.receive_rule.at(now);
        let is_ruled = speed.receive_rule != RateRule::default();
        speed.look_up_at = is_ruled.then(|| Instant::now() + LOOK_UP_INTERVAL);
        let receiving = self.transfers.live.values_mut().filter(|live| {
            live.direction == TransferDirection::Incoming && live.state == TransferState::Active
        });
        let receiving: Vec<_> = receiving.collect();
        let share = whole.and_then(|whole| share_of(whole, receiving.len()));
        for live in receiving {
            let own = live.turn.entry.limit_bytes_per_s;
            let limit = share.into_iter().chain(own).min();
            if limit != live.turn.receive_limit {
                live.turn.receive_limit = limit;
                live.steer(Steer::Limit(limit));
            }
        }
    }
}

fn share_of(whole: NonZeroU64, receivers: usize) -> Option<NonZeroU64> {
    let receivers = u64::try_from(receivers).ok().filter(|&count| count > 0)?;
    NonZeroU64::new((whole.get() / receivers).max(RATE_LIMIT_BYTES_PER_S))
}

/// How late a limit that begins at a time of the day may begin.
const LOOK_UP_INTERVAL: Duration = Duration::from_secs(20);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_add_up_to_the_whole_and_none_stands_still() {
        let whole = NonZeroU64::new(1 << 20).unwrap();
        assert_eq!(share_of(whole, 0), None);
        assert_eq!(share_of(whole, 1), Some(whole));
        assert_eq!(share_of(whole, 4), NonZeroU64::new(256 << 10));
        assert_eq!(
            share_of(whole, 1_000),
            NonZeroU64::new(RATE_LIMIT_BYTES_PER_S)
        );
    }
}
