use std::fs;
use std::time::Duration;

/// What a program and everything that it started costs the machine.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Costs {
    /// The memory that is theirs; shared pages are divided among those who share them.
    pub memory_bytes: u64,
    /// The processor time that they have used.
    pub processor_time: Duration,
}

impl Costs {
    /// Reads the costs of a program now; what ends meanwhile is not counted.
    pub(crate) fn of(program: u32) -> Self {
        let mut costs = Self {
            memory_bytes: 0,
            processor_time: Duration::ZERO,
        };
        for process in family(program) {
            costs.memory_bytes += memory(process).unwrap_or(0);
            costs.processor_time += processor_time(process).unwrap_or_default();
        }
        costs
    }
}

/// A process and those that it started, and those that they started.
fn family(first: u32) -> Vec<u32> {
    let entries = fs::read_dir("/proc").expect("Linux has it");
    let names = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    let all: Vec<(u32, u32)> = names
        .filter_map(|name| {
            let process = name.parse().ok()?;
            Some((process, parent(process)?))
        })
        .collect();
    let mut family = vec![first];
    let mut next = 0;
    while let Some(&elder) = family.get(next) {
        let children = all.iter().filter(|(_, parent)| *parent == elder);
        family.extend(children.map(|(process, _)| process));
        next += 1;
    }
    family
}

fn parent(process: u32) -> Option<u32> {
    numbers(process)?.get(1)?.parse().ok()
}

fn processor_time(process: u32) -> Option<Duration> {
    let numbers = numbers(process)?;
    let ticks = |at: usize| numbers.get(at)?.parse::<u64>().ok();
    Some(Duration::from_millis(
        (ticks(11)? + ticks(12)?) * TICK_MILLISECONDS,
    ))
}

/// What stands in `/proc/…/stat` behind the name, from the state on.
fn numbers(process: u32) -> Option<Vec<String>> {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    let (_, rest) = stat.rsplit_once(") ")?;
    Some(rest.split(' ').map(str::to_owned).collect())
}

fn memory(process: u32) -> Option<u64> {
    let rollup = fs::read_to_string(format!("/proc/{process}/smaps_rollup")).ok()?;
    let line = rollup.lines().find(|line| line.starts_with("Pss:"))?;
    let kibibytes: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kibibytes * 1_024)
}

/// Linux tells times in hundredths of a second.
const TICK_MILLISECONDS: u64 = 10;
