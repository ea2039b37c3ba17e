//! Times of the search for a path, as the engine has them.

use std::time::Duration;

pub(crate) const SILENCE_TIME: Duration = Duration::from_secs(6);
pub(crate) const CONSENT_INTERVAL: Duration = Duration::from_secs(1);
pub(crate) const CHECK_INTERVAL: Duration = Duration::from_millis(50);
pub(crate) const CHECKS_PER_PAIR: u16 = 600;
