//! What a connection of ours makes of links with delay, loss and competitors: two processes in a lab of
//! namespaces, with plain TCP on the same link beside it.

mod flow;
mod probe;
mod rows;

use std::io::{self, Write as _};
use std::process::{Command, Stdio};
use std::time::Duration;

use rows::{Extra, Finding, Link, Target};

use crate::settings::Settings;
use crate::table;

type Run = Box<dyn Fn() -> anyhow::Result<Vec<Finding>>>;

/// Something to find out.
struct Row {
    label: String,
    run: Run,
}

/// Runs every row that was asked for, once; the table for people, and whether one could not be run.
///
/// All of it happens in a process of its own: the labs are in namespaces that end with it.
pub(crate) fn measure(settings: &Settings) -> anyhow::Result<(String, bool)> {
    let rows = rows(settings);
    if !rows.iter().any(|row| row.label.contains(&settings.only)) {
        return Ok((String::new(), false));
    }
    let mut inner = Command::new(std::env::current_exe()?);
    let output = inner.arg(INSIDE).stderr(Stdio::inherit()).output()?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    Ok((text, !output.status.success()))
}

/// What the process inside does.
pub(crate) fn play(settings: &Settings) -> anyhow::Result<()> {
    if let Some(status) = netlab::alone::program(&[INSIDE])? {
        anyhow::ensure!(status.success(), "the lab ended with {status}");
        return Ok(());
    }
    let mut lines = vec![HEAD.map(str::to_owned).to_vec()];
    let mut failures = String::new();
    for row in rows(settings) {
        if !row.label.contains(&settings.only) {
            continue;
        }
        match (row.run)() {
            Ok(findings) => {
                for finding in findings {
                    let cells = finding.cells();
                    writeln!(io::stderr(), "{}", cells.join("  "))?;
                    lines.push(cells);
                }
            }
            Err(error) => {
                writeln!(io::stderr(), "{}: FAILED: {error:#}", row.label)?;
                failures += &format!("FAILED: {}: {error:#}\n", row.label);
            }
        }
    }
    write!(io::stdout(), "{}\n{failures}", table::layout(&lines))?;
    anyhow::ensure!(failures.is_empty(), "not everything could be measured");
    Ok(())
}

fn rows(settings: &Settings) -> Vec<Row> {
    let time = settings.link_time;
    let mut rows: Vec<Row> = cells()
        .map(|(link, goal)| throughput(link, goal, time))
        .collect();
    for (seconds, most) in [(4, 1.0), (12, 2.0)] {
        let label = format!("link down for {seconds} s");
        rows.push(Row::new(label, move || {
            Ok(vec![rows::outage(seconds, most)?])
        }));
    }
    rows.push(Row::new("link with a queue of 1 s", move || {
        rows::queueing(time)
    }));
    for (from, to) in [(100, 12), (25, 200)] {
        let label = format!("link from {from} to {to} Mbit/s");
        rows.push(Row::new(label, move || rows::step(from, to)));
    }
    for products in [0.5, 1.0, 4.0] {
        let label = format!("link beside CUBIC, {products} BDP");
        rows.push(Row::new(label, move || {
            Ok(vec![rows::beside_cubic(products, 3 * time)?])
        }));
    }
    rows.push(Row::new("link with two of ours", move || {
        Ok(vec![rows::two_of_ours(3 * time)?])
    }));
    rows.push(Row::new("link: control under bulk", move || {
        rows::control(time / 2)
    }));
    rows.push(Row::new("link: opening", || Ok(vec![rows::opening()?])));
    rows
}

fn throughput(link: Link, goal: f64, time: Duration) -> Row {
    Row::new(link.to_string(), move || {
        Ok(vec![rows::throughput(link, goal, time)?])
    })
}

/// Links, and what they must carry of payload.
fn cells() -> impl Iterator<Item = (Link, f64)> {
    let plain = CELLS
        .into_iter()
        .map(|(mbit, rtt_ms, loss_per_mille, goal)| {
            let link = Link {
                loss_per_mille,
                ..Link::clean(mbit, rtt_ms)
            };
            (link, goal)
        });
    let uneven = [Extra::Uneven, Extra::Overtaking]
        .into_iter()
        .flat_map(|extra| {
            let lossy = CELLS.into_iter().filter(|(_, _, loss, _)| *loss > 0.0);
            lossy.map(move |(mbit, rtt_ms, loss_per_mille, goal)| {
                let link = Link {
                    loss_per_mille,
                    extra,
                    ..Link::clean(mbit, rtt_ms)
                };
                (link, 0.9 * goal)
            })
        });
    plain.chain(uneven)
}

impl Row {
    fn new(
        label: impl Into<String>,
        run: impl Fn() -> anyhow::Result<Vec<Finding>> + 'static,
    ) -> Self {
        Self {
            label: label.into(),
            run: Box::new(run),
        }
    }
}

impl Finding {
    fn cells(&self) -> Vec<String> {
        let (target, is_held) = match self.target {
            Target::AtLeast(least) => (format!("at least {least:.1}"), self.measured >= least),
            Target::AtMost(most) => (format!("at most {most:.1}"), self.measured <= most),
            Target::Between(least, most) => (
                format!("{least:.0} to {most:.0}"),
                (least..=most).contains(&self.measured),
            ),
        };
        let word = if is_held { "held" } else { "MISSED" };
        vec![
            self.what.clone(),
            table::short(self.measured),
            self.tcp.map_or_else(|| "–".to_owned(), table::short),
            target,
            word.to_owned(),
        ]
    }
}

/// The argument that makes this program the process inside.
pub(crate) const INSIDE: &str = "links";
const HEAD: [&str; 5] = ["one run", "measured", "TCP", "target", "verdict"];
/// Mbit/s, round-trip time in ms, loss in tenths of a percent, and the payload in Mbit/s that must come through.
const CELLS: [(u64, u64, f64, f64); 6] = [
    (100, 50, 0.0, 91.5),
    (100, 50, 1.0, 90.0),
    (100, 50, 10.0, 90.0),
    (100, 200, 1.0, 88.0),
    (1_000, 20, 0.0, 915.0),
    (1_000, 20, 10.0, 900.0),
];
