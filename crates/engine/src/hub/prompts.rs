use std::collections::{BTreeMap, VecDeque};
use std::time::{Duration, Instant};

use model::ContactId;
use model::limits::{DECLINES_TO_MUTE, MUTE_TIME, PROMPTS_PER_MINUTE};

/// How often contacts may ask, so that nobody is worn down until they accept.
#[derive(Debug, Default)]
pub(super) struct Prompts {
    contacts: BTreeMap<ContactId, History>,
}

#[derive(Debug, Default)]
struct History {
    asked: VecDeque<Instant>,
    declines: u32,
    muted_until: Option<Instant>,
}

impl Prompts {
    /// Whether a person may be asked on behalf of `contact`; counts it if so.
    pub(super) fn may_ask(&mut self, contact: ContactId, now: Instant) -> bool {
        let history = self.contacts.entry(contact).or_default();
        if history.muted_until.is_some_and(|until| now < until) {
            return false;
        }
        while history
            .asked
            .front()
            .is_some_and(|&asked| now.duration_since(asked) >= MINUTE)
        {
            history.asked.pop_front();
        }
        let allowed =
            u32::try_from(history.asked.len()).is_ok_and(|asked| asked < PROMPTS_PER_MINUTE);
        if allowed {
            history.asked.push_back(now);
        }
        allowed
    }

    /// A person said no; returns for how long that mutes the contact, if it does.
    pub(super) fn declined(&mut self, contact: ContactId, now: Instant) -> Option<Duration> {
        let history = self.contacts.entry(contact).or_default();
        history.declines += 1;
        if history.declines < DECLINES_TO_MUTE {
            return None;
        }
        history.declines = 0;
        history.muted_until = Some(now + MUTE_TIME);
        Some(MUTE_TIME)
    }

    /// For how long a contact is muted yet, because its offers were declined.
    pub(super) fn muted_for(&self, contact: ContactId, now: Instant) -> Option<Duration> {
        let until = self.contacts.get(&contact)?.muted_until?;
        let left = until.saturating_duration_since(now);
        (!left.is_zero()).then_some(left)
    }

    /// A person said yes, or unmuted the contact.
    pub(super) fn accepted(&mut self, contact: ContactId) {
        self.contacts.remove(&contact);
    }
}

const MINUTE: Duration = Duration::from_secs(60);

#[cfg(test)]
mod tests {
    use super::*;

    const ANA: ContactId = ContactId([1; 16]);
    const BEN: ContactId = ContactId([2; 16]);

    #[test]
    fn a_contact_may_ask_six_times_a_minute() {
        let now = Instant::now();
        let mut prompts = Prompts::default();
        for _ in 0..PROMPTS_PER_MINUTE {
            assert!(prompts.may_ask(ANA, now));
        }
        assert!(!prompts.may_ask(ANA, now + Duration::from_secs(59)));
        assert!(prompts.may_ask(BEN, now));
        assert!(prompts.may_ask(ANA, now + MINUTE));
    }

    #[test]
    fn three_declines_mute_for_an_hour_and_an_accept_forgives() {
        let now = Instant::now();
        let mut prompts = Prompts::default();
        for number in 1..=DECLINES_TO_MUTE {
            assert!(prompts.may_ask(ANA, now));
            let muted = prompts.declined(ANA, now);
            assert_eq!(muted, (number == DECLINES_TO_MUTE).then_some(MUTE_TIME));
        }
        assert_eq!(prompts.muted_for(ANA, now), Some(MUTE_TIME));
        assert_eq!(prompts.muted_for(ANA, now + MUTE_TIME), None);
        assert_eq!(prompts.muted_for(BEN, now), None);
        assert!(!prompts.may_ask(ANA, now + MUTE_TIME - Duration::from_secs(1)));
        assert!(prompts.may_ask(ANA, now + MUTE_TIME));
        prompts.declined(ANA, now);
        prompts.accepted(ANA);
        prompts.declined(ANA, now);
        prompts.declined(ANA, now);
        assert!(prompts.may_ask(ANA, now));
    }
}
