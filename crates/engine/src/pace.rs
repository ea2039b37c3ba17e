//! Keeps transfers to a speed: one limit each, and one that all of them share.

use std::num::NonZeroU64;
use std::time::{Duration, Instant};

use tokio::sync::{mpsc, oneshot, watch};

use crate::rate::{RateRule, WeekTime};

/// Lets bytes through at a limited speed; full at the start and after a rest.
#[derive(Debug)]
struct Bucket {
    limit: Option<NonZeroU64>,
    /// Bytes that may go at once; below zero what went too early.
    credit: f64,
    filled: Instant,
}

impl Bucket {
    fn new(limit: Option<NonZeroU64>, now: Instant) -> Self {
        Self {
            limit,
            credit: 0.0,
            filled: now,
        }
    }

    fn set_limit(&mut self, limit: Option<NonZeroU64>, now: Instant) {
        self.fill(now);
        self.limit = limit;
        self.credit = self.credit.min(0.0);
    }

    /// When the next message may go; `None` is at once.
    fn opens_at(&mut self, now: Instant) -> Option<Instant> {
        let rate = self.fill(now)?;
        if self.credit >= 0.0 {
            return None;
        }
        Some(now + Duration::from_secs_f64((-self.credit / rate).min(LONGEST_WAIT_S)))
    }

    /// Notes bytes that went.
    fn take(&mut self, bytes: u64, now: Instant) {
        if self.fill(now).is_some() {
            self.credit -= bytes as f64;
        }
    }

    /// Returns the bytes per second, if there is a limit.
    fn fill(&mut self, now: Instant) -> Option<f64> {
        let rest = now.saturating_duration_since(self.filled);
        self.filled = now;
        let rate = self.limit?.get() as f64;
        self.credit = (self.credit + rest.as_secs_f64() * rate).min(rate * BURST_S);
        Some(rate)
    }
}

/// The speed of one transfer: its own limit and its share of the common one.
#[derive(Debug)]
pub(crate) struct Pace {
    own_limit: Option<NonZeroU64>,
    peer_limit: Option<NonZeroU64>,
    /// Keeps to the lower of both.
    own: Bucket,
    shared: SharedPace,
    turn: Turn,
}

/// Where a transfer stands with the common limit.
#[derive(Debug)]
enum Turn {
    Idle,
    Waiting(oneshot::Receiver<()>),
    Granted,
}

impl Pace {
    pub(crate) fn new(shared: SharedPace, limit: Option<NonZeroU64>) -> Self {
        Self {
            own_limit: limit,
            peer_limit: None,
            own: Bucket::new(limit, now()),
            shared,
            turn: Turn::Idle,
        }
    }

    /// What a person here wants.
    pub(crate) fn set_own_limit(&mut self, limit: Option<NonZeroU64>) {
        self.own_limit = limit;
        self.apply();
    }

    /// What the receiver wants.
    pub(crate) fn set_peer_limit(&mut self, limit: Option<NonZeroU64>) {
        self.peer_limit = limit;
        self.apply();
    }

    fn apply(&mut self) {
        let limits = [self.own_limit, self.peer_limit];
        let lower = limits.into_iter().flatten().min();
        self.own.set_limit(lower, now());
    }

    /// Waits until a message of `bytes` may go. Cancel-safe: what was waited for is not lost.
    pub(crate) async fn ready(&mut self, bytes: u64) {
        while let Some(opens) = self.own.opens_at(now()) {
            tokio::time::sleep_until(opens.into()).await;
        }
        if matches!(self.turn, Turn::Idle) {
            self.turn = self.shared.ask(bytes).await;
        }
        if let Turn::Waiting(granted) = &mut self.turn {
            // A pacer that is gone limits nothing.
            granted.await.ok();
            self.turn = Turn::Granted;
        }
    }

    /// Notes that the message went.
    pub(crate) fn went(&mut self, bytes: u64) {
        self.own.take(bytes, now());
        self.turn = Turn::Idle;
    }
}

/// The limit that all transfers of one direction share; whoever waits longest goes first.
#[derive(Debug, Clone)]
pub(crate) struct SharedPace {
    requests: mpsc::Sender<Request>,
    is_limited: watch::Receiver<bool>,
}

#[derive(Debug)]
struct Request {
    bytes: u64,
    granted: oneshot::Sender<()>,
}

impl SharedPace {
    /// The pace, and the task that must run for it until every pace is dropped.
    pub(crate) fn start(rule: watch::Receiver<RateRule>) -> (Self, impl Future<Output = ()>) {
        let (requests, queue) = mpsc::channel(REQUESTS);
        let (says_limited, is_limited) = watch::channel(false);
        let pacer = Pacer {
            rule,
            says_limited,
            bucket: Bucket::new(None, now()),
        };
        let shared = Self {
            requests,
            is_limited,
        };
        (shared, pacer.run(queue))
    }

    async fn ask(&self, bytes: u64) -> Turn {
        if !*self.is_limited.borrow() {
            return Turn::Granted;
        }
        let (granted, answer) = oneshot::channel();
        match self.requests.send(Request { bytes, granted }).await {
            Ok(()) => Turn::Waiting(answer),
            Err(_) => Turn::Granted,
        }
    }
}

struct Pacer {
    rule: watch::Receiver<RateRule>,
    says_limited: watch::Sender<bool>,
    bucket: Bucket,
}

impl Pacer {
    async fn run(mut self, mut requests: mpsc::Receiver<Request>) {
        self.look_up_limit();
        let mut next: Option<Request> = None;
        loop {
            let opens = match &next {
                Some(_) => self.bucket.opens_at(now()),
                None => None,
            };
            tokio::select! {
                request = requests.recv(), if next.is_none() => match request {
                    Some(request) => next = Some(request),
                    None => return,
                },
                () = sleep_until(opens), if next.is_some() => self.grant(&mut next),
                // Without its sender the rule stays as it is.
                Ok(()) = self.rule.changed() => self.look_up_limit(),
                () = tokio::time::sleep(LOOK_UP_INTERVAL) => self.look_up_limit(),
            }
        }
    }

    fn grant(&mut self, next: &mut Option<Request>) {
        let now = now();
        if self.bucket.opens_at(now).is_none()
            && let Some(request) = next.take()
            // Whoever asked may have ended meanwhile.
            && request.granted.send(()).is_ok()
        {
            self.bucket.take(request.bytes, now);
        }
    }

    fn look_up_limit(&mut self) {
        let limit = self.rule.borrow_and_update().at(week_time());
        if limit != self.bucket.limit {
            self.bucket.set_limit(limit, now());
            // Nobody may be left to hear it.
            self.says_limited.send_replace(limit.is_some());
        }
    }
}

async fn sleep_until(opens: Option<Instant>) {
    if let Some(opens) = opens {
        tokio::time::sleep_until(opens.into()).await;
    }
}

/// The runtime's clock, which tests can hold.
fn now() -> Instant {
    tokio::time::Instant::now().into_std()
}

/// Now, in the machine's time zone.
pub(crate) fn week_time() -> WeekTime {
    use chrono::{Datelike as _, Timelike as _};
    let now = chrono::Local::now();
    let minute = now.hour() * 60 + now.minute();
    WeekTime {
        day: u8::try_from(now.weekday().num_days_from_monday()).unwrap_or(0),
        minute: u16::try_from(minute).unwrap_or(0),
    }
}

/// What may go at once after a rest: hides the clock's grain, and is no more than a hundredth of ten seconds.
const BURST_S: f64 = 0.1;
/// The longest wait before looking again, whatever was set.
const LONGEST_WAIT_S: f64 = 60.0;
/// Transfers that wait for the common limit at once; more wait for a place.
const REQUESTS: usize = 256;
/// How late a limit that begins at a time of the day may begin.
const LOOK_UP_INTERVAL: Duration = Duration::from_secs(20);

#[cfg(test)]
mod tests;
