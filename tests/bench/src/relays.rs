//! What relaying costs: `wherry-turn` beside coturn, with few clients and with many.

mod allocation;
mod load;
mod program;

use std::io::{self, Write as _};

use anyhow::Context as _;

use crate::figures;
use crate::settings::Settings;
use crate::table;

use allocation::Allocation;
use program::{Kind, Program};

/// One row: who relays, and for how many clients.
#[derive(Debug, Clone, Copy)]
struct Row {
    kind: Kind,
    allocations: usize,
}

/// What one run found out.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Relayed {
    /// Payload that arrived, both ways together.
    pub(crate) mbit_per_s: f64,
    /// Processor time of the relay, in cores.
    pub(crate) cores: f64,
    /// Of what was sent, in hundredths.
    pub(crate) lost_percent: f64,
}

impl Relayed {
    fn per_core(&self) -> f64 {
        self.mbit_per_s / self.cores.max(f64::EPSILON)
    }
}

/// Runs every relay with every number of clients, in alternating rounds; tables and notes for people, or nothing
/// where they were not asked for. The flag says whether a run failed.
pub(crate) fn measure(settings: &Settings) -> anyhow::Result<(String, bool)> {
    let mut notes = String::new();
    let rows = choose(settings, &mut notes);
    let mut results: Vec<Vec<Relayed>> = rows.iter().map(|_| Vec::new()).collect();
    let mut has_failed = false;
    for round in 1..=settings.runs {
        for (row, results) in rows.iter().zip(&mut results) {
            let label = format!("{round}/{} {}", settings.runs, row.label());
            match row.run(settings) {
                Ok(relayed) => {
                    let speed = relayed.mbit_per_s;
                    writeln!(io::stderr(), "{label}: {speed:.0} Mbit/s")?;
                    results.push(relayed);
                }
                Err(error) => {
                    has_failed = true;
                    writeln!(io::stderr(), "{label}: FAILED: {error:#}")?;
                    notes += &format!("FAILED in round {label}: {error:#}\n");
                }
            }
        }
    }
    if rows.is_empty() {
        return Ok((notes, has_failed));
    }
    let lines: Vec<_> = rows.iter().zip(&results).collect();
    let text = table(&lines) + &verdicts(&lines) + &maximum(&lines) + &notes;
    Ok((text, has_failed))
}

fn choose(settings: &Settings, notes: &mut String) -> Vec<Row> {
    let mut rows = Vec::new();
    for allocations in ALLOCATIONS {
        for kind in [Kind::WherryTurn, Kind::Coturn] {
            let row = Row { kind, allocations };
            if !row.label().contains(&settings.only) {
                continue;
            }
            match kind.obstacle(settings) {
                None => rows.push(row),
                Some(obstacle) => {
                    *notes += &format!("left out: {} ({obstacle})\n", row.label());
                }
            }
        }
    }
    rows
}

impl Row {
    fn label(self) -> String {
        format!("relaying for {}: {}", self.allocations, self.kind.name())
    }

    fn run(self, settings: &Settings) -> anyhow::Result<Relayed> {
        let program = Program::start(self.kind, settings)?;
        let allocations: anyhow::Result<Vec<_>> = (0..self.allocations)
            .map(|number| Allocation::open(&program, number))
            .collect();
        load::put(allocations.context("no allocation")?, &program)
    }
}

fn median(runs: &[Relayed], pick: fn(&Relayed) -> f64) -> Option<f64> {
    figures::middle(runs.iter().map(pick).collect())
}

fn table(lines: &[(&Row, &Vec<Relayed>)]) -> String {
    let head = [
        "median",
        "Mbit/s",
        "cores of the relay",
        "Mbit/s per core",
        "lost %",
    ];
    let mut cells = vec![head.map(str::to_owned).to_vec()];
    for (row, runs) in lines {
        let cell = |pick| median(runs, pick).map_or_else(|| "FAILED".to_owned(), table::short);
        cells.push(vec![
            row.label(),
            cell(|it| it.mbit_per_s),
            cell(|it| it.cores),
            cell(Relayed::per_core),
            cell(|it| it.lost_percent),
        ]);
    }
    table::layout(&cells) + "\n"
}

/// Ours relays at least as much per core as coturn.
fn verdicts(lines: &[(&Row, &Vec<Relayed>)]) -> String {
    let per_core = |kind: Kind, allocations: usize| {
        let is_it = |row: &Row| row.kind == kind && row.allocations == allocations;
        let (_, runs) = lines.iter().find(|(row, _)| is_it(row))?;
        median(runs, Relayed::per_core)
    };
    let mut text = String::new();
    for allocations in ALLOCATIONS {
        if let Some(ours) = per_core(Kind::WherryTurn, allocations)
            && let Some(theirs) = per_core(Kind::Coturn, allocations)
        {
            let word = if ours >= theirs { "held" } else { "MISSED" };
            let times = ours / theirs;
            text += &format!(
                "relaying for {allocations}, per core at least as much as coturn: {times:.2} times, {word}\n"
            );
        }
    }
    text
}

/// The most that each relayed in any run.
fn maximum(lines: &[(&Row, &Vec<Relayed>)]) -> String {
    let mut text = String::new();
    for kind in [Kind::WherryTurn, Kind::Coturn] {
        let of_kind = lines.iter().filter(|(row, _)| row.kind == kind);
        let speeds = of_kind.flat_map(|(_, runs)| runs.iter().map(|it| it.mbit_per_s));
        if let Some(most) = speeds.max_by(f64::total_cmp) {
            text += &format!("the most that {} relayed: {most:.0} Mbit/s\n", kind.name());
        }
    }
    text
}

/// A handful of transfers, and a busy relay.
const ALLOCATIONS: [usize; 2] = [10, 200];
