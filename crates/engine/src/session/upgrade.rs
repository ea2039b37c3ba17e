//! A session that goes through a relay looks for a direct way from time to time.
//!
//! The initiator offers a direct connection inside the session. When it stands, the relayed ones are taken out of
//! service like worn ones (see `renewal`), so nothing that they carry is lost or sent twice.

use std::time::{Duration, Instant};

use model::PathKind;
use session_proto::{ConnectionId, Role};

use super::SessionTask;
use crate::connector::Way;

/// When to look, and what is being looked at.
#[derive(Debug, Default)]
pub(super) struct Upgrade {
    due: Option<Instant>,
    tries: u32,
    /// The connection that is offered.
    offered: Option<u32>,
}

impl Upgrade {
    pub(super) fn due(&self) -> Option<Instant> {
        self.due
    }

    /// Looks after `pause`, and with longer and longer pauses from then on.
    pub(super) fn begin(&mut self, pause: Duration) {
        self.tries = 0;
        if self.offered.is_none() {
            self.due = Some(Instant::now() + pause);
        }
    }

    pub(super) fn offers(&mut self, connection: u32) {
        self.due = None;
        self.tries += 1;
        self.offered = Some(connection);
    }

    pub(super) fn is(&self, connection: u32) -> bool {
        self.offered == Some(connection)
    }

    /// Nothing came of it this time.
    pub(super) fn failed(&mut self) {
        self.offered = None;
        let pause = FIRST_PAUSE * PAUSE_FACTOR.saturating_pow(self.tries);
        self.due = Some(Instant::now() + pause.min(LONGEST_PAUSE));
    }

    pub(super) fn end(&mut self) {
        *self = Self::default();
    }
}

impl SessionTask {
    /// Begins to look for a direct way, if one is missing and wanted.
    pub(super) fn hope_for_better(&mut self, pause: Duration) {
        if self.role == Role::Initiator && self.stripes.hopes_for_better() {
            self.stripes.upgrade.begin(pause);
        }
    }

    /// The connection that was offered in the hope of a better way stands.
    pub(super) fn better_opened(&mut self, connection: u32, opened: peer::Connection) {
        if opened.path() == PathKind::Relay {
            self.stripes.upgrade.failed();
            return;
        }
        tracing::info!(path = %opened.path(), "a better way");
        self.stripes.upgrade.end();
        self.stripes.go(Way::Direct);
        self.connections.wear_out_relayed();
        self.opened(ConnectionId(connection), opened);
        self.retire_all_worn();
        self.stripes.offer_missing(self.connections.fresh());
    }
}

/// After a session began through a relay: the direct way was tried just then.
pub(super) const FIRST_PAUSE: Duration = Duration::from_secs(2);
/// How much longer each further pause is,
const PAUSE_FACTOR: u32 = 3;
/// up to this one.
const LONGEST_PAUSE: Duration = Duration::from_secs(5 * 60);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_to_five_minutes_and_news_begin_anew() {
        let mut upgrade = Upgrade::default();
        assert_eq!(upgrade.due(), None);
        upgrade.begin(FIRST_PAUSE);
        let mut last = Duration::ZERO;
        for number in 1..20 {
            assert!(upgrade.due().is_some());
            upgrade.offers(number);
            assert!(upgrade.is(number) && upgrade.due().is_none());
            upgrade.failed();
            let pause = upgrade.due().unwrap() - Instant::now();
            assert!(
                pause >= last.saturating_sub(Duration::from_secs(1)),
                "{pause:?}"
            );
            last = pause;
        }
        assert!(last <= LONGEST_PAUSE && last > LONGEST_PAUSE / 2);
        upgrade.begin(Duration::ZERO);
        assert!(upgrade.due().unwrap() <= Instant::now());
    }
}
