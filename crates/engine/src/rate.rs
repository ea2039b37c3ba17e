//! How fast a device may send or receive, by the time of the week.

use std::fmt;
use std::num::NonZeroU64;
use std::str::FromStr;

use model::limits::RATE_LIMIT_BYTES_PER_S;

/// Limits with the times for which they hold; the first that holds now counts, without one there is none.
///
/// Written `2M mon-fri 08:00-18:00, 512K sat-sun, 10M`: bytes per second with K, M or G (1024 each) or
/// `none`, then days, then a time of the day that may go past midnight, in the machine's time zone.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RateRule {
    limits: Vec<Limit>,
}

/// A moment of the week, in local time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WeekTime {
    /// 0 is Monday.
    pub day: u8,
    /// Since midnight.
    pub minute: u16,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Limit {
    bytes_per_s: Option<NonZeroU64>,
    days: Option<(u8, u8)>,
    minutes: Option<(u16, u16)>,
}

/// What is wrong with a rule.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RateError {
    /// Neither a number of bytes nor `none`.
    #[error("{0} is no speed: use bytes per second, or a number with K, M or G, or none")]
    Speed(String),
    /// Below [`RATE_LIMIT_BYTES_PER_S`]: transfers would seem to stand still.
    #[error("the slowest speed is 16K")]
    TooSlow,
    /// Neither days nor a time.
    #[error("{0} is neither days like mon-fri nor a time like 08:00-18:00")]
    Time(String),
}

impl RateRule {
    /// The limit at that time.
    pub fn at(&self, now: WeekTime) -> Option<NonZeroU64> {
        let holds = self.limits.iter().find(|limit| limit.holds(now));
        holds.and_then(|limit| limit.bytes_per_s)
    }
}

impl Limit {
    fn holds(&self, now: WeekTime) -> bool {
        let Some((from, until)) = self.minutes else {
            return self.holds_on(now.day);
        };
        if from < until {
            return self.holds_on(now.day) && (from..until).contains(&now.minute);
        }
        // Past midnight: the days are those on which it begins.
        let began_today = now.minute >= from && self.holds_on(now.day);
        let began_yesterday = now.minute < until && self.holds_on((now.day + 6) % 7);
        began_today || began_yesterday
    }

    fn holds_on(&self, day: u8) -> bool {
        self.days.is_none_or(|(first, last)| {
            if first <= last {
                (first..=last).contains(&day)
            } else {
                day >= first || day <= last
            }
        })
    }
}

impl FromStr for RateRule {
    type Err = RateError;

    fn from_str(text: &str) -> Result<Self, RateError> {
        if text.trim().is_empty() {
            return Ok(Self::default());
        }
        let limits: Result<Vec<Limit>, RateError> = text.split(',').map(parse_limit).collect();
        Ok(Self { limits: limits? })
    }
}

fn parse_limit(text: &str) -> Result<Limit, RateError> {
    let mut words = text.split_whitespace();
    let mut limit = Limit {
        bytes_per_s: parse_speed(words.next().unwrap_or_default())?,
        days: None,
        minutes: None,
    };
    for word in words {
        if let (None, Some(days)) = (limit.days, parse_days(word)) {
            limit.days = Some(days);
        } else if let (None, Some(minutes)) = (limit.minutes, parse_minutes(word)) {
            limit.minutes = Some(minutes);
        } else {
            return Err(RateError::Time(word.to_owned()));
        }
    }
    Ok(limit)
}

/// A speed in bytes per second, as people write it; `None` is without limit.
pub fn parse_speed(text: &str) -> Result<Option<NonZeroU64>, RateError> {
    if text.eq_ignore_ascii_case("none") {
        return Ok(None);
    }
    let unit = match text.chars().next_back() {
        Some('k' | 'K') => 1 << 10,
        Some('m' | 'M') => 1 << 20,
        Some('g' | 'G') => 1 << 30,
        Some(_) | None => 1u64,
    };
    let digits = if unit == 1 {
        text
    } else {
        &text[..text.len() - 1]
    };
    let number: Option<u64> = digits.parse().ok();
    let bytes = number
        .and_then(|number| number.checked_mul(unit))
        .ok_or_else(|| RateError::Speed(text.to_owned()))?;
    if bytes < RATE_LIMIT_BYTES_PER_S {
        return Err(RateError::TooSlow);
    }
    Ok(NonZeroU64::new(bytes))
}

fn parse_days(word: &str) -> Option<(u8, u8)> {
    let (first, last) = word.split_once('-').unwrap_or((word, word));
    Some((parse_day(first)?, parse_day(last)?))
}

fn parse_day(word: &str) -> Option<u8> {
    let found = DAYS.iter().position(|day| day.eq_ignore_ascii_case(word));
    found.and_then(|day| u8::try_from(day).ok())
}

fn parse_minutes(word: &str) -> Option<(u16, u16)> {
    let (from, until) = word.split_once('-')?;
    Some((parse_minute(from)?, parse_minute(until)?))
}

fn parse_minute(word: &str) -> Option<u16> {
    let (hour, minute) = word.split_once(':')?;
    if hour.len() != 2 || minute.len() != 2 {
        return None;
    }
    let (hour, minute): (u16, u16) = (hour.parse().ok()?, minute.parse().ok()?);
    let since_midnight = hour * 60 + minute;
    (minute < 60 && since_midnight <= 24 * 60).then_some(since_midnight)
}

impl fmt::Display for RateRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, limit) in self.limits.iter().enumerate() {
            if index > 0 {
                f.write_str(", ")?;
            }
            limit.fmt(f)?;
        }
        Ok(())
    }
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.bytes_per_s {
            Some(bytes) => write_speed(f, bytes.get())?,
            None => f.write_str("none")?,
        }
        if let Some((first, last)) = self.days {
            write!(f, " {}", DAYS[usize::from(first)])?;
            if last != first {
                write!(f, "-{}", DAYS[usize::from(last)])?;
            }
        }
        if let Some((from, until)) = self.minutes {
            let (hour, minute) = (from / 60, from % 60);
            write!(
                f,
                " {hour:02}:{minute:02}-{:02}:{:02}",
                until / 60,
                until % 60
            )?;
        }
        Ok(())
    }
}

fn write_speed(f: &mut fmt::Formatter<'_>, bytes: u64) -> fmt::Result {
    for (shift, letter) in [(30, 'G'), (20, 'M'), (10, 'K')] {
        if bytes.trailing_zeros() >= shift {
            return write!(f, "{}{letter}", bytes >> shift);
        }
    }
    write!(f, "{bytes}")
}

const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

#[cfg(test)]
mod tests;
