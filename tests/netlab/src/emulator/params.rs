//! How a link behaves in one direction, and how that is written.

use std::fmt;
use std::str::FromStr;

use anyhow::{Context as _, Error, Result, bail};

/// Millionths of a second.
pub type Micros = u64;

/// One direction of a link.
///
/// Written as in `delay=20ms,jitter=2ms,loss=0.5%,burst=3,rate=20mbit,queue=128k,policer=32k,reorder,down`; what is not named
/// does not happen.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LinkParams {
    /// For how long each packet travels.
    pub delay: Micros,
    /// By how much that varies, at most, up and down.
    pub jitter: Micros,
    /// The share of packets that is lost on the way, from 0 to 1.
    pub loss: f64,
    /// How many packets are lost in a row, on average; 1 is a loss of its own for each.
    pub burst: f64,
    /// Bits in a second; 0 is no limit.
    pub rate: u64,
    /// What may wait for its turn at that rate, in bytes.
    pub queue: u64,
    /// Instead of a queue: the burst that passes unhindered, in bytes; what is beyond the rate is dropped.
    pub policer: Option<u64>,
    /// Whether jitter may let a packet overtake another.
    pub reorder: bool,
    /// Whether nothing passes.
    pub down: bool,
}

impl Default for LinkParams {
    fn default() -> Self {
        Self {
            delay: 0,
            jitter: 0,
            loss: 0.0,
            burst: 1.0,
            rate: 0,
            queue: 64 * 1024,
            policer: None,
            reorder: false,
            down: false,
        }
    }
}

impl LinkParams {
    /// The same, but for what `changes` names; `up` is the opposite of `down`.
    pub fn changed(mut self, changes: &str) -> Result<Self> {
        for change in changes.split(',').filter(|change| !change.is_empty()) {
            self.change(change)?;
        }
        if !(0.0..=1.0).contains(&self.loss) || self.burst < 1.0 {
            bail!("a loss is between 0 and 100 %, and a burst at least 1 packet: {changes}");
        }
        Ok(self)
    }

    fn change(&mut self, change: &str) -> Result<()> {
        let (key, value) = change.split_once('=').unwrap_or((change, ""));
        match key {
            "delay" => self.delay = whole(value, &TIMES)?,
            "jitter" => self.jitter = whole(value, &TIMES)?,
            "loss" => self.loss = number(value, &[("%", 0.01)])?,
            "burst" => self.burst = number(value, &[])?,
            "rate" => self.rate = whole(value, &RATES)?,
            "queue" => self.queue = whole(value, &SIZES)?,
            "policer" => self.policer = Some(whole(value, &SIZES)?),
            "reorder" if value.is_empty() => self.reorder = true,
            "down" if value.is_empty() => self.down = true,
            "up" if value.is_empty() => self.down = false,
            _ => bail!(
                "`{change}` is none of delay=, jitter=, loss=, burst=, rate=, queue=, policer=, reorder, down, up"
            ),
        }
        Ok(())
    }
}

impl FromStr for LinkParams {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        Self::default().changed(text)
    }
}

impl fmt::Display for LinkParams {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "delay={}us,jitter={}us", self.delay, self.jitter)?;
        write!(f, ",loss={}%,burst={}", self.loss * 100.0, self.burst)?;
        write!(f, ",rate={},queue={}", self.rate, self.queue)?;
        if let Some(burst) = self.policer {
            write!(f, ",policer={burst}")?;
        }
        if self.reorder {
            f.write_str(",reorder")?;
        }
        f.write_str(if self.down { ",down" } else { ",up" })
    }
}

fn whole(text: &str, units: &[(&str, f64)]) -> Result<u64> {
    let value = number(text, units)?;
    if !(0.0..1e15).contains(&value) {
        bail!("`{text}` is out of range");
    }
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "the range was checked above"
    )]
    Ok(value.round() as u64)
}

fn number(text: &str, units: &[(&str, f64)]) -> Result<f64> {
    let digits = text.trim_end_matches(|it: char| !it.is_ascii_digit());
    let unit = &text[digits.len()..];
    let factor = match units.iter().find(|(name, _)| *name == unit) {
        Some((_, factor)) => *factor,
        None if unit.is_empty() => 1.0,
        None => bail!("`{text}` has an unknown unit"),
    };
    let value: f64 = digits
        .parse()
        .with_context(|| format!("`{text}` is no number"))?;
    Ok(value * factor)
}

const TIMES: [(&str, f64); 3] = [("us", 1.0), ("ms", 1e3), ("s", 1e6)];
const RATES: [(&str, f64); 3] = [("kbit", 1e3), ("mbit", 1e6), ("gbit", 1e9)];
const SIZES: [(&str, f64); 2] = [("k", 1024.0), ("m", 1_048_576.0)];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_and_written_alike() {
        let text = "delay=20ms,jitter=2ms,loss=0.5%,burst=3,rate=20mbit,queue=128k,policer=32k,reorder,down";
        let params: LinkParams = text.parse().unwrap();
        assert_eq!((params.delay, params.jitter), (20_000, 2_000));
        assert!((params.loss - 0.005).abs() < 1e-9);
        assert_eq!(
            (params.rate, params.queue, params.policer),
            (20_000_000, 131_072, Some(32_768))
        );
        assert!(params.reorder && params.down);
        assert_eq!(params.to_string().parse::<LinkParams>().unwrap(), params);
        assert!(!params.changed("up").unwrap().down);
    }

    #[test]
    fn nonsense_is_refused() {
        for text in [
            "delay",
            "delay=-1ms",
            "loss=120%",
            "burst=0",
            "rate=1parsec",
            "queue=lots",
            "down=1",
            "speed=3",
        ] {
            assert!(text.parse::<LinkParams>().is_err(), "{text}");
        }
    }
}
