use crate::contest::{Carrier, Contest, Load};
use crate::figures::Figures;
use crate::stage::Stage;

/// One promise, and what was measured.
#[derive(Debug, PartialEq)]
pub(crate) struct Verdict {
    /// Whose and what, for people.
    pub(crate) what: String,
    /// The promise, with its unit.
    pub(crate) floor: String,
    /// The median.
    pub(crate) measured: f64,
    pub(crate) is_held: bool,
}

/// Holds the floors against our own rows; the others are there to compare.
pub(crate) fn judge(rows: &[(&Contest, Option<Figures>)], stage: &Stage) -> Vec<Verdict> {
    let mut verdicts = Vec::new();
    for (contest, figures) in rows {
        let (Carrier::Wherry(_), Some(figures)) = (contest.carrier, figures) else {
            continue;
        };
        let label = format!("{}: {}", contest.load, contest.name);
        let size_mib = stage.size_mib(contest.load);
        verdicts.extend(judge_one(&label, contest.load, size_mib, figures));
    }
    verdicts
}

fn judge_one(label: &str, load: Load, size_mib: f64, figures: &Figures) -> Vec<Verdict> {
    let rate = size_mib / figures.seconds;
    let size_gib = size_mib / 1_024.0;
    let at_most = |what: &str, most: f64, unit: &str, measured: f64| Verdict {
        what: format!("{label}, {what}"),
        floor: format!("at most {most} {unit}"),
        measured,
        is_held: measured <= most,
    };
    let mut verdicts = Vec::new();
    match load {
        Load::File => verdicts.push(Verdict {
            what: format!("{label}, throughput"),
            floor: format!("at least {LEAST_MIB_PER_S} MiB/s"),
            measured: rate,
            is_held: rate >= LEAST_MIB_PER_S,
        }),
        Load::Tree => {
            verdicts.push(at_most(
                "all of it",
                MOST_TREE_SECONDS,
                "s",
                figures.seconds,
            ));
        }
        Load::Sparse => {}
    }
    if load == Load::File
        && let (Some(out), Some(back)) = (figures.sender.cpu_seconds, figures.receiver.cpu_seconds)
    {
        let seconds = (out + back) / size_gib;
        verdicts.push(at_most(
            "processor time of both sides per GiB",
            MOST_CPU_SECONDS_PER_GIB,
            "s",
            seconds,
        ));
    }
    let first_byte = figures.first_byte_seconds;
    verdicts.extend(
        first_byte.map(|it| at_most("accept to first byte", MOST_FIRST_BYTE_SECONDS, "s", it)),
    );
    for (side, cost) in [("sender", figures.sender), ("receiver", figures.receiver)] {
        let what = format!("{side}'s memory");
        verdicts.extend(
            cost.peak_mib
                .map(|it| at_most(&what, MOST_PEAK_MIB, "MiB", it)),
        );
    }
    verdicts
}

const LEAST_MIB_PER_S: f64 = 500.0;
const MOST_CPU_SECONDS_PER_GIB: f64 = 6.0;
const MOST_PEAK_MIB: f64 = 48.0;
const MOST_FIRST_BYTE_SECONDS: f64 = 0.05;
const MOST_TREE_SECONDS: f64 = 0.9;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::figures::Cost;

    fn held(load: Load, seconds: f64, first_byte: f64, cpu: f64, peak_mib: f64) -> Vec<bool> {
        let cost = Cost {
            cpu_seconds: Some(cpu),
            peak_mib: Some(peak_mib),
        };
        let figures = Figures {
            seconds,
            first_byte_seconds: Some(first_byte),
            sender: cost,
            receiver: cost,
            ..Figures::default()
        };
        let verdicts = judge_one("it", load, 1_000.0, &figures);
        verdicts.iter().map(|verdict| verdict.is_held).collect()
    }

    #[test]
    fn a_floor_is_held_at_its_edge_and_missed_beyond_it() {
        assert_eq!(held(Load::File, 2.0, 0.05, 2.9, 48.0), [true; 5]);
        assert_eq!(held(Load::File, 2.1, 0.06, 3.1, 48.1), [false; 5]);
        assert_eq!(held(Load::Tree, 0.9, 0.05, 9.9, 48.0), [true; 4]);
        assert_eq!(held(Load::Tree, 1.0, 0.06, 0.1, 48.1), [false; 4]);
    }
}
