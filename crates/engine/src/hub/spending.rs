//! What may go through relays in a month, and what becomes of transfers when that is used up.

use api::{CommandError, ErrorCode, PauseReason};
use model::{ContactId, PathKind, RelayWish};
use session_proto::CloseReason;
use store::Relayed;

use super::Hub;
use crate::clock;
use crate::settings::table::RELAY_BUDGET;

/// What was carried through relays this month, as far as it was read.
#[derive(Debug, Default)]
pub(super) struct Spending {
    relayed: Option<Relayed>,
    /// Somebody was told that nothing may go through relays any more.
    is_told: bool,
}

impl Hub {
    /// A session carried so much through relays.
    pub(super) fn relayed(&mut self, bytes: u64) {
        let mut relayed = self.relayed_this_month();
        relayed.bytes = relayed.bytes.saturating_add(bytes);
        self.meetings.spending.relayed = Some(relayed);
        if let Err(error) = self.home.keep_relayed(relayed) {
            tracing::warn!(%error, "what went through relays could not be noted");
        }
        self.follow_budget();
    }

    /// Leaves relays that there is no budget for any more, or takes up what waited for one.
    pub(super) fn follow_budget(&mut self) {
        if self.is_relay_budget_spent() {
            self.meetings.spending.is_told = true;
            self.leave_relays();
            self.renew_lanes();
        } else if std::mem::take(&mut self.meetings.spending.is_told) {
            self.renew_lanes();
            self.reroute_unconnected();
        }
    }

    /// Whether nothing may go through relays any more, this month.
    pub(super) fn is_relay_budget_spent(&self) -> bool {
        let budget = self.settings.number(&RELAY_BUDGET);
        budget.is_some_and(|budget| self.relayed_this_month().bytes >= budget)
    }

    /// Whether a contact would be reached through a relay, if there were a budget for it.
    pub(super) fn lacks_budget(&self, contact: ContactId) -> bool {
        self.is_relay_budget_spent() && self.relay_wish(contact) != RelayWish::Never
    }

    /// What is wished for a contact, as far as there is a budget for it.
    pub(super) fn affordable(&self, wish: RelayWish) -> RelayWish {
        match wish {
            RelayWish::Automatic if self.is_relay_budget_spent() => RelayWish::Never,
            RelayWish::Automatic | RelayWish::Never | RelayWish::Only => wish,
        }
    }

    /// Reads once what was kept; a month that is over counts no more.
    pub(super) fn read_spending(&mut self) {
        self.meetings.spending.relayed = Some(self.home.relayed());
    }

    /// What a person is told whose transfer would need a relay.
    pub(super) fn budget_error() -> CommandError {
        CommandError::new(
            ErrorCode::RelayBudget,
            "Only a relay leads to the other device, and this month's budget for relays is used up. Nothing was lost; the same command goes on where a direct way exists, next month, or when wherry config set relay-budget-bytes allows more.",
        )
    }

    fn relayed_this_month(&self) -> Relayed {
        let (year, month, _) = clock::date();
        let known = self.meetings.spending.relayed;
        let current = known.filter(|known| (known.year, known.month) == (year, month));
        current.unwrap_or(Relayed {
            year,
            month,
            bytes: 0,
        })
    }

    /// Ends what goes through relays: transfers with contacts wait, others end with the reason.
    fn leave_relays(&mut self) {
        let sessions = self.meetings.sessions().into_iter();
        let relayed = sessions.filter(|(_, session)| session.path() == PathKind::Relay);
        let contacts: Vec<ContactId> = relayed.map(|(contact, _)| contact).collect();
        for contact in contacts {
            tracing::info!("the budget for relays is used up");
            self.drop_session(contact, CloseReason::Idle);
            self.transfers_lack(contact, PauseReason::RelayBudget, &Self::budget_error());
            // A direct way may come.
            self.retry_later(contact);
        }
    }
}
