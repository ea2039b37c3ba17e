use std::fs;
use std::io;
use std::path::Path;
use std::process::{Child, Command, ExitStatus};
use std::time::{Duration, Instant};

use anyhow::bail;

use crate::figures::Cost;

/// A process that is watched while it runs; killed when dropped before its end.
#[derive(Debug)]
pub(crate) struct Measured {
    name: String,
    child: Child,
    cost: Cost,
    end: Option<(ExitStatus, Instant)>,
}

impl Measured {
    pub(crate) fn start(name: &str, command: &mut Command) -> anyhow::Result<Self> {
        let child = command.spawn();
        let child = child.map_err(|error| anyhow::anyhow!("{name} does not start: {error}"))?;
        Ok(Self {
            name: name.to_owned(),
            child,
            cost: Cost::default(),
            end: None,
        })
    }

    /// The process, for its pipes.
    pub(crate) fn child(&mut self) -> &mut Child {
        &mut self.child
    }

    pub(crate) fn cost(&self) -> Cost {
        self.cost
    }

    /// Whether it ended well; says how it ended when not.
    pub(crate) fn check(&self) -> anyhow::Result<()> {
        match self.end {
            Some((status, _)) if status.success() => Ok(()),
            Some((status, _)) => bail!("{} ended with {status}", self.name),
            None => bail!("{} does not end", self.name),
        }
    }

    /// The seconds from `begun` to its end.
    pub(crate) fn seconds_since(&self, begun: Instant) -> f64 {
        let end = self.end.map_or_else(Instant::now, |(_, end)| end);
        end.duration_since(begun).as_secs_f64()
    }

    /// Looks at what it uses and whether it still runs.
    ///
    /// A process that ended keeps its processor time until it is waited for, but not its memory: that is
    /// known as of the last look.
    fn look(&mut self) -> io::Result<bool> {
        if self.end.is_some() {
            return Ok(true);
        }
        let folder = Path::new("/proc").join(self.child.id().to_string());
        let stat = fs::read_to_string(folder.join("stat")).ok();
        if let Some(stat) = stat.as_deref().and_then(Stat::parse) {
            self.cost.cpu_seconds = Some(stat.cpu_seconds);
            if !stat.has_ended {
                let status = fs::read_to_string(folder.join("status"));
                let peak_mib = status.ok().and_then(|status| peak_mib(&status));
                self.cost.peak_mib = peak_mib.or(self.cost.peak_mib);
                return Ok(false);
            }
        }
        self.end = self
            .child
            .try_wait()?
            .map(|status| (status, Instant::now()));
        Ok(self.end.is_some())
    }
}

impl Drop for Measured {
    fn drop(&mut self) {
        if self.end.is_none() {
            self.child.kill().ok();
            self.child.wait().ok();
        }
    }
}

/// Watches processes until all ended well; the others may not outlive the first for long.
pub(crate) fn wait_for_all(processes: &mut [&mut Measured]) -> anyhow::Result<()> {
    let mut deadline = Instant::now() + PATIENCE;
    loop {
        let mut running = 0;
        for process in &mut *processes {
            if !process.look()? {
                running += 1;
                continue;
            }
            // What the others say of it, if it ended badly, is not worth waiting for.
            process.check()?;
        }
        if running == 0 || Instant::now() > deadline {
            return processes.iter().try_for_each(|process| process.check());
        }
        if running < processes.len() {
            deadline = deadline.min(Instant::now() + PARTING_TIME);
        }
        std::thread::sleep(LOOK_INTERVAL);
    }
}

/// Processor time that a process has used until now.
pub(crate) fn cpu_seconds(process: u32) -> Option<f64> {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    let stat = Stat::parse(&stat)?;
    (!stat.has_ended).then_some(stat.cpu_seconds)
}

struct Stat {
    has_ended: bool,
    cpu_seconds: f64,
}

impl Stat {
    /// Reads `/proc/…/stat`: proc_pid_stat(5). The name in brackets may hold anything, brackets too.
    fn parse(text: &str) -> Option<Self> {
        let (_, fields) = text.rsplit_once(')')?;
        let fields: Vec<&str> = fields.split_whitespace().collect();
        let state = *fields.first()?;
        let ticks: u64 = fields
            .get(11..15)?
            .iter()
            .flat_map(|it| it.parse::<u64>())
            .sum();
        Some(Self {
            has_ended: matches!(state, "Z" | "X"),
            cpu_seconds: ticks as f64 / TICKS_PER_SECOND,
        })
    }
}

fn peak_mib(status: &str) -> Option<f64> {
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kib: f64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kib / 1024.0)
}

/// How long one run may take: long enough for a slow machine, short enough to notice a stall.
const PATIENCE: Duration = Duration::from_secs(900);
/// How long one side may go on when the other is done.
const PARTING_TIME: Duration = Duration::from_secs(60);
/// Often enough to see the last growth of memory and to time an end, seldom enough to cost nothing.
const LOOK_INTERVAL: Duration = Duration::from_millis(5);
/// `USER_HZ` of every architecture we build for.
const TICKS_PER_SECOND: f64 = 100.0;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn processor_time_includes_children_and_names_may_hold_brackets() {
        let text = "7 (a) b) Z 1 1 1 0 -1 4 5 6 7 8 100 20 3 4 20 0 1 0 99 0 0";
        let stat = Stat::parse(text).unwrap();
        assert!(stat.has_ended);
        assert!(
            (stat.cpu_seconds - 1.27).abs() < 1e-9,
            "{}",
            stat.cpu_seconds
        );
    }

    #[test]
    fn a_process_that_ends_badly_is_told_from_one_that_ends_well() {
        let run = |program| {
            let mut process = Measured::start(program, &mut Command::new(program)).unwrap();
            wait_for_all(&mut [&mut process])
        };
        run("true").unwrap();
        run("false").unwrap_err();
    }

    #[test]
    fn peak_memory_is_read_in_mebibytes() {
        assert_eq!(peak_mib("VmPeak:\t 9 kB\nVmHWM:\t    2048 kB\n"), Some(2.0));
        assert_eq!(peak_mib("VmPeak:\t 9 kB\n"), None);
    }
}
