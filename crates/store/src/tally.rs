use std::fs::{File, OpenOptions};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::time::{Duration, Instant};

use model::TransferId;

use crate::home::{Home, HomeError};

/// What one transfer cost on this device over its whole life, all runs of the program together.
///
/// It lies in the transfer's spool and is written at every step without a sync: a killed program loses
/// nothing of it, a power cut may, and then it is too low.
#[derive(Debug)]
pub struct Tally {
    /// `None` once it could not be written: it counts on for this run.
    file: Option<File>,
    counts: Counts,
    /// Since when time passes, and how much had passed before.
    running: Option<(Instant, Duration)>,
}

/// The numbers of a [`Tally`].
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Chunk bytes that were carried, repetitions included.
    pub carried_bytes: u64,
    /// How long the program was at it, from the moment both sides agreed.
    pub active_time: Duration,
    /// Entries that the scan of the sources left out.
    pub left_out: u64,
}

impl Home {
    /// The tally of one transfer, of zeros at first; its spool is created if needed.
    pub fn tally(&self, transfer: TransferId) -> Result<Tally, HomeError> {
        let path = self.spool(transfer)?.join(TALLY_FILE);
        let opened = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path);
        let tally = opened.and_then(Tally::read);
        tally.map_err(|source| HomeError::Io { path, source })
    }
}

impl Tally {
    /// A tally that is kept nowhere, for when the disk refuses one.
    pub fn of_this_run() -> Self {
        Self {
            file: None,
            counts: Counts::default(),
            running: None,
        }
    }

    /// The numbers as of now.
    pub fn counts(&self, now: Instant) -> Counts {
        let mut counts = self.counts;
        if let Some((since, before)) = self.running {
            counts.active_time = before + now.saturating_duration_since(since);
        }
        counts
    }

    /// Both sides agreed: time passes from now on.
    pub fn start(&mut self, now: Instant) {
        self.running.get_or_insert((now, self.counts.active_time));
    }

    /// Notes chunk bytes before they are carried further.
    pub fn carry(&mut self, bytes: u64, now: Instant) {
        self.counts.carried_bytes = self.counts.carried_bytes.saturating_add(bytes);
        self.keep(now);
    }

    /// Notes how many entries the scan left out.
    pub fn leave_out(&mut self, entries: u64, now: Instant) {
        self.counts.left_out = entries;
        self.keep(now);
    }

    fn keep(&mut self, now: Instant) {
        self.counts = self.counts(now);
        self.running = self.running.map(|_| (now, self.counts.active_time));
        if let Some(file) = &mut self.file
            && write(file, &self.counts).is_err()
        {
            self.file = None;
        }
    }

    fn read(mut file: File) -> io::Result<Self> {
        let mut bytes = Vec::new();
        (&mut file).take(COUNTS_BYTES).read_to_end(&mut bytes)?;
        let mut numbers = bytes
            .as_chunks::<8>()
            .0
            .iter()
            .map(|number| u64::from_le_bytes(*number));
        let mut next = || numbers.next().unwrap_or(0);
        let counts = Counts {
            carried_bytes: next(),
            active_time: Duration::from_millis(next()),
            left_out: next(),
        };
        Ok(Self {
            file: Some(file),
            counts,
            running: None,
        })
    }
}

fn write(file: &mut File, counts: &Counts) -> io::Result<()> {
    let milliseconds = u64::try_from(counts.active_time.as_millis()).unwrap_or(u64::MAX);
    let numbers = [counts.carried_bytes, milliseconds, counts.left_out];
    let bytes: Vec<u8> = numbers.into_iter().flat_map(u64::to_le_bytes).collect();
    file.seek(SeekFrom::Start(0))?;
    // One call, so that a kill leaves the numbers of before or of after.
    file.write_all(&bytes)
}

/// Its name in the spool.
const TALLY_FILE: &str = "tally";
/// Three numbers.
const COUNTS_BYTES: u64 = 24;

#[cfg(test)]
mod tests {
    use super::*;

    fn home() -> (tempfile::TempDir, Home) {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::open(&folder.path().join("home")).unwrap();
        (folder, home)
    }

    #[test]
    fn a_tally_goes_on_where_the_last_run_was_killed() {
        let (_folder, home) = home();
        let transfer = TransferId([7; 16]);
        let start = Instant::now();
        let mut tally = home.tally(transfer).unwrap();
        tally.leave_out(3, start);
        tally.start(start);
        tally.carry(1_000, start + Duration::from_secs(2));
        std::mem::forget(tally); // Nothing is done at the end: a kill would not do it either.

        let mut tally = home.tally(transfer).unwrap();
        tally.start(start);
        tally.carry(500, start + Duration::from_secs(1));
        let counts = tally.counts(start + Duration::from_secs(4));
        assert_eq!(counts.carried_bytes, 1_500);
        assert_eq!(counts.active_time, Duration::from_secs(6));
        assert_eq!(counts.left_out, 3);
    }

    #[test]
    fn a_tally_goes_with_its_spool() {
        let (_folder, home) = home();
        let transfer = TransferId([8; 16]);
        home.tally(transfer).unwrap().carry(9, Instant::now());
        home.remove_spool(transfer).unwrap();
        let counts = home.tally(transfer).unwrap().counts(Instant::now());
        assert_eq!(counts, Counts::default());
    }

    #[test]
    fn time_passes_only_once_both_sides_agreed() {
        let mut tally = Tally::of_this_run();
        let start = Instant::now();
        tally.carry(1, start + Duration::from_secs(5));
        let counts = tally.counts(start + Duration::from_secs(9));
        assert_eq!(counts.active_time, Duration::ZERO);
    }
}
