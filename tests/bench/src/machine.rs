use std::fmt;
use std::fs;
use std::hint::black_box;
use std::path::PathBuf;
use std::thread;
use std::time::Instant;

use crate::settings::Settings;

/// What the results depend on.
#[derive(Debug)]
pub(crate) struct Machine {
    processor: String,
    cores: usize,
    free_cores: f64,
    hashes_in_hardware: bool,
    kernel: String,
    load: String,
    most_socket_buffer: String,
    disk: PathBuf,
}

impl Machine {
    pub(crate) fn look(settings: &Settings) -> Self {
        let processor = read("/proc/cpuinfo");
        let load = read("/proc/loadavg");
        let cores = thread::available_parallelism().map_or(1, usize::from);
        Self {
            processor: processor_name(&processor).to_owned(),
            cores,
            free_cores: free_cores(cores),
            hashes_in_hardware: hashes_in_hardware(&processor),
            kernel: read("/proc/sys/kernel/osrelease"),
            load: load
                .split_whitespace()
                .take(3)
                .collect::<Vec<_>>()
                .join(" "),
            most_socket_buffer: read("/proc/sys/net/core/rmem_max"),
            disk: settings.disk.clone(),
        }
    }
}

impl fmt::Display for Machine {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let with = if self.hashes_in_hardware {
            "with"
        } else {
            "without"
        };
        write!(
            formatter,
            "{}, {} cores ({:.1} of them free), {with} SHA instructions, Linux {}, load {}, \
             socket buffers up to {} bytes, on {}",
            self.processor,
            self.cores,
            self.free_cores,
            self.kernel,
            self.load,
            self.most_socket_buffer,
            self.disk.display()
        )
    }
}

/// How much processor time others took from this machine meanwhile.
#[derive(Debug)]
pub(crate) struct Steal(Option<Times>);

impl Steal {
    pub(crate) fn begin() -> Self {
        Self(Times::parse(&read("/proc/stat")))
    }

    /// As a sentence, where the system knows.
    pub(crate) fn end(self) -> Option<String> {
        let (before, after) = (self.0?, Times::parse(&read("/proc/stat"))?);
        let share = |then: u64, now: u64| {
            let all = after.all.saturating_sub(before.all).max(1);
            100.0 * now.saturating_sub(then) as f64 / all as f64
        };
        Some(format!(
            "processor time meanwhile: {:.0} % stolen by the host, {:.0} % idle",
            share(before.stolen, after.stolen),
            share(before.idle, after.idle)
        ))
    }
}

#[derive(Debug, PartialEq)]
struct Times {
    all: u64,
    idle: u64,
    stolen: u64,
}

impl Times {
    /// Reads the first line of `/proc/stat`: proc_stat(5).
    fn parse(text: &str) -> Option<Self> {
        let line = text.lines().next()?.strip_prefix("cpu ")?;
        let ticks: Vec<u64> = line.split_whitespace().flat_map(str::parse).collect();
        // Time of guests, the last two, is part of the first two.
        let own = ticks.get(..8)?;
        Some(Self {
            all: own.iter().sum(),
            idle: own[3] + own[4],
            stolen: own[7],
        })
    }
}

/// How many cores' worth of work gets done when all are asked at once, compared with one at its best.
///
/// The load of others counts, and what a host withholds without saying so.
fn free_cores(cores: usize) -> f64 {
    let alone = (0..3).map(|_| seconds_of(1)).fold(f64::MAX, f64::min);
    cores as f64 * alone / seconds_of(cores)
}

/// The time that `threads` need who all do the same work.
fn seconds_of(threads: usize) -> f64 {
    let begun = Instant::now();
    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| (0..WORK).fold(1_u64, |state, step| black_box(state ^ step) << 1 | 1));
        }
    });
    begun.elapsed().as_secs_f64()
}

fn read(path: &str) -> String {
    let text = fs::read_to_string(path).unwrap_or_default();
    text.trim_end().to_owned()
}

fn processor_name(text: &str) -> &str {
    field(text, "model name").unwrap_or("unknown processor")
}

fn hashes_in_hardware(text: &str) -> bool {
    let flags = field(text, "flags").or_else(|| field(text, "Features"));
    let mut flags = flags.unwrap_or_default().split_whitespace();
    flags.any(|flag| flag == "sha_ni" || flag == "sha2")
}

fn field<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    let mut pairs = text.lines().filter_map(|line| line.split_once(':'));
    pairs
        .find(|(key, _)| key.trim() == name)
        .map(|(_, value)| value.trim())
}

/// About a tenth of a second.
const WORK: u64 = 50_000_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashing_hardware_is_a_whole_word_among_the_flags() {
        assert!(hashes_in_hardware("flags\t: fpu sha_ni sse2\n"));
        assert!(!hashes_in_hardware(
            "model name\t: sha_ni\nflags\t: sha_nix\n"
        ));
        assert!(hashes_in_hardware("Features\t: aes sha2\n"));
    }

    #[test]
    fn guests_are_not_counted_twice() {
        let times = Times::parse("cpu  10 1 5 50 4 0 2 8 9 9\ncpu0 1\n");
        let expected = Times {
            all: 80,
            idle: 54,
            stolen: 8,
        };
        assert_eq!(times, Some(expected));
    }
}
