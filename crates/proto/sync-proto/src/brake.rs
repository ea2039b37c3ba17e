//! Stops a folder in which very much is deleted at once, until a person looked.

use std::collections::VecDeque;
use std::time::Instant;

use model::limits::{DELETION_TIME, DELETIONS_TO_ASK, DELETIONS_TO_ASK_PERCENT};

/// Counts the deletions that others made.
#[derive(Debug, Default)]
pub(crate) struct Brake {
    done: VecDeque<Instant>,
    state: BrakeState,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum BrakeState {
    #[default]
    Watching,
    Asking,
    /// A person allowed as many.
    Released {
        left: usize,
    },
}

impl Brake {
    /// Whether `pending` deletions may begin in a folder that holds `files`.
    ///
    /// Once it says no, it says no until [`Brake::release`].
    pub(crate) fn allows(&mut self, pending: usize, files: usize, now: Instant) -> bool {
        match self.state {
            BrakeState::Asking => return false,
            BrakeState::Released { left } if pending <= left => return true,
            BrakeState::Released { .. } | BrakeState::Watching => {}
        }
        self.forget_old(now);
        let deleted = self.done.len() + pending;
        let before = files + self.done.len();
        let is_much = deleted > FEW && deleted * 100 > before * DELETIONS_TO_ASK_PERCENT;
        if is_much || deleted > DELETIONS_TO_ASK {
            self.state = BrakeState::Asking;
            return false;
        }
        true
    }

    /// Whether it waits for a person.
    pub(crate) fn is_asking(&self) -> bool {
        self.state == BrakeState::Asking
    }

    /// A person said that `pending` deletions are as they should be.
    pub(crate) fn release(&mut self, pending: usize) {
        self.done.clear();
        self.state = BrakeState::Released { left: pending };
    }

    /// A person took the deletions back.
    pub(crate) fn refuse(&mut self) {
        self.state = BrakeState::Watching;
    }

    /// A file was deleted.
    pub(crate) fn count(&mut self, now: Instant) {
        match &mut self.state {
            BrakeState::Released { left } if *left > 1 => *left -= 1,
            BrakeState::Released { .. } => self.state = BrakeState::Watching,
            BrakeState::Watching | BrakeState::Asking => {
                self.forget_old(now);
                // More is asked about anyway.
                if self.done.len() <= DELETIONS_TO_ASK {
                    self.done.push_back(now);
                }
            }
        }
    }

    fn forget_old(&mut self, now: Instant) {
        while self
            .done
            .front()
            .is_some_and(|at| now.duration_since(*at) >= DELETION_TIME)
        {
            self.done.pop_front();
        }
    }
}

/// Deletions that nobody is asked about, however small the folder is.
const FEW: usize = 8;

#[cfg(test)]
mod tests {
    use super::*;

    #[expect(
        clippy::disallowed_methods,
        reason = "the one place a test starts its clock"
    )]
    fn epoch() -> Instant {
        Instant::now()
    }

    #[test]
    fn a_quarter_of_a_folder_may_go_and_not_one_file_more() {
        let now = epoch();
        assert!(Brake::default().allows(25, 100, now));
        assert!(!Brake::default().allows(26, 100, now));
        let mut brake = Brake::default();
        for deleted in 0..25 {
            assert!(brake.allows(1, 100 - deleted, now));
            brake.count(now);
        }
        assert!(!brake.allows(1, 75, now));
    }

    #[test]
    fn a_thousand_files_may_go_and_not_one_more() {
        let now = epoch();
        assert!(Brake::default().allows(DELETIONS_TO_ASK, 1_000_000, now));
        assert!(!Brake::default().allows(DELETIONS_TO_ASK + 1, 1_000_000, now));
    }

    #[test]
    fn deletions_of_more_than_ten_minutes_ago_do_not_count() {
        let now = epoch();
        let mut brake = Brake::default();
        (0..25).for_each(|_| brake.count(now));
        assert!(brake.allows(18, 75, now + DELETION_TIME));
    }

    #[test]
    fn a_person_releases_what_was_asked_about_and_no_more() {
        let now = epoch();
        let mut brake = Brake::default();
        assert!(!brake.allows(80, 100, now));
        assert!(brake.is_asking() && !brake.allows(1, 100, now));
        brake.release(80);
        for left in (1..=80).rev() {
            assert!(brake.allows(left, 20 + left, now));
            brake.count(now);
        }
        assert!(!brake.allows(19, 20, now));
    }
}
