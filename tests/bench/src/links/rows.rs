//! Every row: on which link, what is looked at, and what must hold.

use std::fmt;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use netlab::{Lab, Plan};

use super::flow::{Flow, Tcp, rates, until_grown};
use super::probe::Probe;
use crate::figures::middle;

/// A link between two devices; the way back has the same delay, rate and share of loss.
#[derive(Debug, Clone, Copy)]
pub(super) struct Link {
    pub(super) mbit: u64,
    pub(super) rtt_ms: u64,
    /// Of packets, in tenths of a percent.
    pub(super) loss_per_mille: f64,
    /// The queue, in products of rate and round-trip time.
    pub(super) queue_products: f64,
    pub(super) extra: Extra,
}

/// What else is wrong with a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Extra {
    Nothing,
    /// Three packets are lost in a row, and delay varies by 10 ms without change of order.
    Uneven,
    /// The same, and packets overtake each other by it.
    Overtaking,
}

/// What must hold of a figure.
#[derive(Debug, Clone, Copy)]
pub(super) enum Target {
    AtLeast(f64),
    AtMost(f64),
    Between(f64, f64),
}

/// What was found out.
#[derive(Debug, Clone)]
pub(super) struct Finding {
    pub(super) what: String,
    pub(super) measured: f64,
    /// The same of plain TCP.
    pub(super) tcp: Option<f64>,
    pub(super) target: Target,
}

impl Link {
    pub(super) fn clean(mbit: u64, rtt_ms: u64) -> Self {
        Self {
            mbit,
            rtt_ms,
            loss_per_mille: 0.0,
            queue_products: 1.0,
            extra: Extra::Nothing,
        }
    }

    fn product_bytes(&self) -> f64 {
        self.mbit as f64 * 125.0 * self.rtt_ms as f64
    }

    fn one_way(&self) -> Duration {
        Duration::from_millis(self.rtt_ms) / 2
    }

    /// How the emulator is told, outwards and inwards.
    fn params(&self) -> [String; 2] {
        let Self { mbit, rtt_ms, .. } = self;
        let delay = rtt_ms * 500;
        let queue = (self.queue_products * self.product_bytes()).round();
        let loss = self.loss_per_mille / 10.0;
        let plain = format!("delay={delay}us,rate={mbit}mbit,queue={queue},loss={loss}%");
        let outwards = match self.extra {
            Extra::Nothing => plain.clone(),
            Extra::Uneven => format!("{plain},jitter=5ms,burst=3"),
            Extra::Overtaking => format!("{plain},jitter=5ms,burst=3,reorder"),
        };
        [outwards, plain]
    }

    fn lab(&self) -> anyhow::Result<Lab> {
        let mut plan = Plan::between("none", "none")?;
        let [outwards, inwards] = self.params();
        plan.a.wan = Some((outwards.parse()?, inwards.parse()?));
        Lab::up(&plan)
    }
}

impl fmt::Display for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "link {} Mbit/s, {} ms", self.mbit, self.rtt_ms)?;
        if self.loss_per_mille > 0.0 {
            write!(f, ", {} % loss", self.loss_per_mille / 10.0)?;
        }
        match self.extra {
            Extra::Nothing => Ok(()),
            Extra::Uneven => f.write_str(" by threes, 10 ms jitter"),
            Extra::Overtaking => f.write_str(" by threes, 10 ms jitter, overtaking"),
        }
    }
}

/// Payload after the first seconds, and that of plain TCP alone on the same link.
pub(super) fn throughput(link: Link, goal: f64, time: Duration) -> anyhow::Result<Finding> {
    let lab = link.lab()?;
    let warm = Duration::from_millis(40 * link.rtt_ms).max(Duration::from_secs(3));
    let mut flow = Flow::across(&lab)?;
    flow.fill()?;
    thread::sleep(warm);
    let [measured] = rates([flow.taken()], time);
    drop(flow);
    let tcp = Tcp::across(&lab)?;
    thread::sleep(warm);
    let [beside] = rates([&tcp.taken], time / 2);
    Ok(Finding {
        what: format!("{link}: Mbit/s"),
        measured,
        tcp: Some(beside),
        target: Target::AtLeast(goal),
    })
}

/// For how long nothing comes after a link was down and is up again.
pub(super) fn outage(seconds: u64, most: f64) -> anyhow::Result<Finding> {
    let link = Link::clean(100, 50);
    let lab = link.lab()?;
    let mut flow = Flow::across(&lab)?;
    flow.fill()?;
    thread::sleep(Duration::from_secs(3));
    let wire = lab.link("a").context("the link of a")?;
    let (out, back) = wire.params();
    wire.change(out.changed("down")?, back.changed("down")?);
    thread::sleep(Duration::from_secs(seconds));
    wire.change(out, back);
    Ok(Finding {
        what: format!("{link}, down for {seconds} s: s until data flow"),
        measured: until_grown(flow.taken(), Duration::from_secs(20)),
        tcp: None,
        target: Target::AtMost(most),
    })
}

/// What a flow alone adds to the delay of a link with a queue of one second: on average, and but for one packet in twenty.
pub(super) fn queueing(time: Duration) -> anyhow::Result<Vec<Finding>> {
    let link = Link {
        queue_products: 20.0,
        ..Link::clean(100, 50)
    };
    let lab = link.lab()?;
    let mut flow = Flow::across(&lab)?;
    flow.fill()?;
    thread::sleep(Duration::from_secs(3));
    let probe = Probe::start(&lab, link.one_way())?;
    thread::sleep(time);
    let waits = probe.end()?;
    let mut waits: Vec<f64> = waits.iter().map(|it| millis(it.waited)).collect();
    waits.sort_by(f64::total_cmp);
    let mean = waits.iter().sum::<f64>() / waits.len().max(1) as f64;
    let p95 = waits.get(waits.len() * 95 / 100).copied();
    let finding = |what: &str, measured, most| Finding {
        what: format!("{link}, queue of 1 s: ms waited, {what}"),
        measured,
        tcp: None,
        target: Target::AtMost(most),
    };
    Ok(vec![
        finding("mean", mean, 5.0),
        finding("p95", p95.context("no packet came through")?, 50.0),
    ])
}

/// A link that becomes slower or faster: until the new rate is used, and until its queue is short again.
pub(super) fn step(from_mbit: u64, to_mbit: u64) -> anyhow::Result<Vec<Finding>> {
    let link = Link {
        queue_products: if to_mbit > from_mbit { 8.0 } else { 1.0 },
        ..Link::clean(from_mbit, 50)
    };
    let lab = link.lab()?;
    let mut flow = Flow::across(&lab)?;
    flow.fill()?;
    thread::sleep(Duration::from_secs(6));
    let probe = Probe::start(&lab, link.one_way())?;
    let wire = lab.link("a").context("the link of a")?;
    let (out, back) = wire.params();
    let changed = Instant::now();
    let rate = format!("rate={to_mbit}mbit");
    wire.change(out.changed(&rate)?, back.changed(&rate)?);
    let mut rates_seen = Vec::new();
    while changed.elapsed() < STEP_TIME {
        let at = changed.elapsed();
        let [rate] = rates([flow.taken()], Duration::from_millis(250));
        rates_seen.push((at, rate));
    }
    let goal = 0.8 * FRAMED * to_mbit as f64;
    let found = since_always(&rates_seen, |rate| rate >= goal);
    let what = format!("link of 50 ms from {from_mbit} to {to_mbit} Mbit/s");
    let mut findings = vec![Finding {
        what: format!("{what}: s until 80 % is used"),
        measured: found,
        tcp: None,
        target: Target::AtMost(2.0),
    }];
    let waits: Vec<(Duration, f64)> = probe
        .end()?
        .iter()
        .map(|wait| (wait.sent.duration_since(changed), millis(wait.waited)))
        .collect();
    let drained = waits
        .chunk_by(|one, other| slot(one.0) == slot(other.0))
        .filter_map(|slot| {
            let waits = slot.iter().map(|(_, wait)| *wait).collect();
            Some((slot.first()?.0, middle(waits)?))
        });
    let drained: Vec<_> = drained.collect();
    if to_mbit < from_mbit {
        findings.push(Finding {
            what: format!("{what}: s until the queue is below 25 ms"),
            measured: since_always(&drained, |wait| wait <= 25.0),
            tcp: None,
            target: Target::AtMost(3.0),
        });
    }
    Ok(findings)
}

/// Quarters of a second.
fn slot(at: Duration) -> u128 {
    at.as_millis() / 250
}

/// When `holds` began to be true of all but one in ten of the rest.
fn since_always(series: &[(Duration, f64)], holds: impl Fn(f64) -> bool) -> f64 {
    let is_mostly_true = |rest: &[(Duration, f64)]| {
        let failures = rest.iter().filter(|(_, value)| !holds(*value)).count();
        failures * 10 <= rest.len()
    };
    let begin =
        (0..series.len()).find(|&index| holds(series[index].1) && is_mostly_true(&series[index..]));
    begin.map_or(f64::INFINITY, |index| series[index].0.as_secs_f64())
}

/// Our share of a link beside one TCP flow with CUBIC, in percent, after the first ten seconds.
pub(super) fn beside_cubic(products: f64, time: Duration) -> anyhow::Result<Finding> {
    let link = Link {
        queue_products: products,
        ..Link::clean(100, 50)
    };
    let lab = link.lab()?;
    let mut flow = Flow::across(&lab)?;
    flow.fill()?;
    thread::sleep(Duration::from_millis(100));
    let tcp = Tcp::across(&lab)?;
    thread::sleep(Duration::from_secs(10));
    let [ours, theirs] = rates([flow.taken(), &tcp.taken], time);
    Ok(Finding {
        what: format!("{link}, queue of {products} BDP: % beside CUBIC"),
        measured: 100.0 * ours / (ours + theirs),
        tcp: None,
        target: Target::Between(25.0, 75.0),
    })
}

/// The share of the first of two flows of ours, in percent, after the first ten seconds.
pub(super) fn two_of_ours(time: Duration) -> anyhow::Result<Finding> {
    let link = Link::clean(100, 50);
    let lab = link.lab()?;
    let mut first = Flow::across(&lab)?;
    first.fill()?;
    thread::sleep(Duration::from_secs(1));
    let mut second = Flow::across(&lab)?;
    second.fill()?;
    thread::sleep(Duration::from_secs(10));
    let [one, other] = rates([first.taken(), second.taken()], time);
    Ok(Finding {
        what: format!("{link}: % of the first of two of ours"),
        measured: 100.0 * one / (one + other),
        tcp: None,
        target: Target::Between(40.0, 60.0),
    })
}

/// How late control messages are while bulk fills loopback, and a link.
pub(super) fn control(time: Duration) -> anyhow::Result<Vec<Finding>> {
    let link = Link::clean(100, 50);
    let lab = link.lab()?;
    let mut findings = Vec::new();
    let places = [
        ("loopback".to_owned(), 0.0),
        (link.to_string(), millis(link.one_way())),
    ];
    for (place, delay_ms) in places {
        let mut flow = match delay_ms {
            0.0 => Flow::on_loopback(&lab)?,
            _ => Flow::across(&lab)?,
        };
        flow.fill()?;
        thread::sleep(Duration::from_secs(2));
        flow.stamp()?;
        thread::sleep(time);
        let delays = middle(flow.delays_ms()).context("no control message came")?;
        flow.calm()?;
        findings.push(Finding {
            what: format!("{place}: ms that a control message waits under bulk, p50"),
            measured: delays - delay_ms,
            tcp: None,
            target: Target::AtMost(5.0),
        });
    }
    Ok(findings)
}

/// From the exchange of descriptions to open channels, on loopback.
pub(super) fn opening() -> anyhow::Result<Finding> {
    let lab = Link::clean(100, 50).lab()?;
    let opened: anyhow::Result<Vec<f64>> = (0..OPENINGS)
        .map(|_| Ok(1e3 * Flow::on_loopback(&lab)?.open_seconds))
        .collect();
    Ok(Finding {
        what: "loopback: ms from descriptions to open channels".to_owned(),
        measured: middle(opened?).context("nothing was opened")?,
        tcp: None,
        target: Target::AtMost(60.0),
    })
}

fn millis(time: Duration) -> f64 {
    1e3 * time.as_secs_f64()
}

/// What DTLS, UDP and IP leave of a link for payload.
const FRAMED: f64 = 0.937;
const STEP_TIME: Duration = Duration::from_secs(8);
const OPENINGS: usize = 5;
