//! Calls at the doors of others: as many at once as may be, and again where nobody answered.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use lan::{Acquaintance, CallError, Neighbour};
use model::ContactId;
use model::limits::{LAN_CALLS, LAN_PEERS, LAN_TAGS};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until};

use super::{keys_of, today};

/// Somebody to call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Call {
    /// What it is announced as, if it is.
    pub(super) instance: Option<String>,
    /// Who it was the last time, if nobody announced it.
    contact: Option<ContactId>,
    doors: Vec<SocketAddr>,
    /// How often nobody answered.
    failures: u32,
}

/// What became of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    Met {
        contact: ContactId,
        door: SocketAddr,
    },
    /// Somebody whom this device does not know.
    Stranger,
    NoAnswer,
}

/// All calls.
#[derive(Debug, Default)]
pub(super) struct Calls {
    waiting: VecDeque<Call>,
    later: Vec<(Instant, Call)>,
    placed: JoinSet<(Call, Outcome)>,
}

impl From<Neighbour> for Call {
    fn from(neighbour: Neighbour) -> Self {
        Self {
            instance: Some(neighbour.instance),
            contact: None,
            doors: neighbour.addresses,
            failures: 0,
        }
    }
}

impl Call {
    /// At the door where a contact was the last time.
    pub(super) fn of_contact(contact: ContactId, door: SocketAddr) -> Self {
        Self {
            instance: None,
            contact: Some(contact),
            doors: vec![door],
            failures: 0,
        }
    }

    fn is_to_the_same(&self, other: &Self) -> bool {
        self.instance == other.instance && self.contact == other.contact
    }
}

impl Calls {
    /// Puts a call at the end; an older one to the same is no longer needed.
    pub(super) fn add(&mut self, call: Call) {
        self.waiting.retain(|it| !it.is_to_the_same(&call));
        self.later.retain(|(_, it)| !it.is_to_the_same(&call));
        if self.waiting.len() < LAN_PEERS {
            self.waiting.push_back(call);
        }
    }

    /// Calls again after a while, unless nobody answered too often.
    pub(super) fn try_again(&mut self, call: Call) {
        if call.failures >= TRIES || self.later.len() >= LAN_PEERS {
            return;
        }
        let pause = FIRST_PAUSE * 2u32.pow(call.failures);
        let failures = call.failures + 1;
        self.later
            .push((Instant::now() + pause, Call { failures, ..call }));
    }

    /// Places as many calls as may be placed at once.
    pub(super) fn place(&mut self, port: u16, known: &watch::Receiver<Arc<[Acquaintance]>>) {
        while self.placed.len() < LAN_CALLS {
            let Some(call) = self.waiting.pop_front() else {
                return;
            };
            let known = keys_of(today(), &known.borrow());
            self.placed.spawn(async move {
                let outcome = place(&call, port, known).await;
                (call, outcome)
            });
        }
    }

    /// Waits for the end of a call, or until one is to be placed again: that is `None`.
    pub(super) async fn next(&mut self) -> Option<(Call, Outcome)> {
        let due = self.later.iter().map(|(at, _)| *at).min();
        tokio::select! {
            Some(ended) = self.placed.join_next(), if !self.placed.is_empty() => ended.ok(),
            () = sleep_until(due.unwrap_or_else(Instant::now)), if due.is_some() => {
                let now = Instant::now();
                let place = self.later.iter().position(|(at, _)| *at <= now)?;
                let (_, call) = self.later.swap_remove(place);
                self.waiting.push_back(call);
                None
            }
            else => std::future::pending().await,
        }
    }
}

/// Calls at one door after the other, until somebody is there.
async fn place(call: &Call, port: u16, known: Vec<Acquaintance>) -> Outcome {
    let wanted = |it: &Acquaintance| call.contact.is_none_or(|contact| it.contact == contact);
    let known: Vec<Acquaintance> = known.into_iter().filter(wanted).collect();
    let most = LAN_TAGS.into_iter().max().unwrap_or(1);
    let mut outcome = Outcome::NoAnswer;
    for &door in &call.doors {
        // Without contacts there is nobody to meet.
        for known in known.chunks(most) {
            match lan::call(door, port, known).await {
                Ok(answered) => {
                    let contact = answered.contact();
                    answered.leave().await;
                    if let Some(contact) = contact {
                        return Outcome::Met { contact, door };
                    }
                    outcome = Outcome::Stranger;
                }
                Err(CallError::Foreign | CallError::Version) => {
                    outcome = Outcome::Stranger;
                    break;
                }
                Err(CallError::Unreachable(_) | CallError::TimedOut) => break,
            }
        }
    }
    match known.is_empty() {
        true => Outcome::Stranger,
        false => outcome,
    }
}

/// How often somebody is called again who does not answer,
const TRIES: u32 = 4;
/// and how soon at first; then after twice that, and so on.
const FIRST_PAUSE: Duration = Duration::from_millis(500);

#[cfg(test)]
mod tests {
    use super::*;

    fn call(number: u8) -> Call {
        Neighbour {
            instance: format!("n{number}"),
            addresses: vec![SocketAddr::from(([127, 0, 0, 1], 1))],
        }
        .into()
    }

    #[tokio::test]
    async fn sixteen_neighbours_are_called_at_once_and_not_one_more() {
        let (_known, known) = watch::channel(Arc::from(Vec::new()));
        let mut calls = Calls::default();
        for number in 0..40 {
            calls.add(call(number));
        }
        calls.add(call(39));
        calls.place(0, &known);
        assert_eq!((calls.placed.len(), calls.waiting.len()), (LAN_CALLS, 24));
        assert_eq!(LAN_CALLS, 16);
        let (_, outcome) = calls.next().await.expect("one has ended");
        assert_eq!(outcome, Outcome::Stranger);
        calls.place(0, &known);
        assert_eq!((calls.placed.len(), calls.waiting.len()), (LAN_CALLS, 23));
    }

    #[tokio::test(start_paused = true)]
    async fn who_does_not_answer_is_called_again_a_few_times() {
        let mut calls = Calls::default();
        calls.try_again(call(1));
        for tries in 1..=TRIES {
            assert_eq!(calls.next().await, None);
            let again = calls.waiting.pop_front().expect("it is called again");
            assert_eq!(again.failures, tries);
            calls.try_again(again);
        }
        assert!(calls.later.is_empty());
    }
}
