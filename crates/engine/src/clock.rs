use std::time::{SystemTime, UNIX_EPOCH};

use model::{Day, Timestamp};

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
