#[cfg(not(test))]
use std::time::Instant;
use std::time::{SystemTime, UNIX_EPOCH};

use model::{Day, Timestamp};

#[cfg(test)]
pub(crate) use moved::{instant, stand_at};

/// The clock that never goes back, now.
#[cfg(not(test))]
pub(crate) fn instant() -> Instant {
    Instant::now()
}

/// The wall clock, now.
pub(crate) fn timestamp() -> Timestamp {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    Timestamp {
        seconds: i64::try_from(since.as_secs()).unwrap_or(i64::MAX),
        nanoseconds: since.subsec_nanos(),
    }
}

/// The day on the calendar of the machine's time zone: year, month and day.
pub(crate) fn date() -> (i32, u32, u32) {
    use chrono::Datelike as _;
    let now = chrono::Local::now();
    (now.year(), now.month(), now.day())
}

/// Today, in UTC.
pub(crate) fn today() -> Day {
    Day::of_unix_seconds(u64::try_from(timestamp().seconds).unwrap_or(0))
}

/// The wall clock, in milliseconds since 1970.
pub(crate) fn milliseconds() -> u64 {
    let now = timestamp();
    let seconds = u64::try_from(now.seconds).unwrap_or(0);
    seconds * 1_000 + u64::from(now.nanoseconds / 1_000_000)
}

#[cfg(test)]
mod moved {
    use std::cell::Cell;
    use std::time::Instant;

    thread_local! {
        static INSTANT: Cell<Option<Instant>> = const { Cell::new(None) };
    }

    pub(crate) fn instant() -> Instant {
        INSTANT.get().unwrap_or_else(Instant::now)
    }

    /// From now on the clock stands there, for this thread.
    pub(crate) fn stand_at(instant: Instant) {
        INSTANT.set(Some(instant));
    }
}
