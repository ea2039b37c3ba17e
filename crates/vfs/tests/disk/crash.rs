//! A process that is killed at every point where it may die, and started again.
//!
//! The child is this same program, running `child_receives_or_recovers` alone.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus};

use vfs::failpoint::{self, Point};
use vfs::sink::{Placement, Sink};
use vfs::source::Source;
use vfs::space::Reserve;

use crate::kit::{Pair, TRANSFER, fill, name, names_in, pages};

/// What the child does: scans, receives what is missing, commits or ends a commit that had begun.
#[test]
#[ignore = "run by the other tests, in a process of its own"]
fn child_receives_or_recovers() {
    let dir =
        PathBuf::from(std::env::var_os("WHERRY_CRASH_DIR").expect("the parent names a folder"));
    let done = dir.join("done");
    if done.exists() {
        return;
    }
    let sink = Sink::open(&dir.join("to"), false)
        .unwrap()
        .with_reserve(Reserve::Bytes(0));
    let kept = kept_intents(&dir);
    let mut record = |batch: &[Placement]| keep_intents(&dir, batch);
    let under_way = !kept.is_empty() || is_committing(&sink);
    if under_way {
        sink.recover(TRANSFER, &kept, &mut record).unwrap();
    } else {
        let tops = names_in(&dir.join("from"));
        let tops: Vec<PathBuf> = tops.iter().map(|top| dir.join("from").join(top)).collect();
        let mut source = Source::open(&tops).unwrap();
        let pages = pages(&source, 2);
        let mut staging = sink.stage(TRANSFER).unwrap();
        fill(&mut source, &pages, &mut staging);
        staging.commit(&mut record).unwrap();
    }
    failpoint::pass(Point::Complete);
    File::create(done).unwrap();
}

fn is_committing(sink: &Sink) -> bool {
    sink.stage(TRANSFER).unwrap().is_committing()
}

/// A durable list of intents, as the store keeps one.
fn keep_intents(dir: &Path, batch: &[Placement]) -> io::Result<()> {
    let mut list = OpenOptions::new()
        .create(true)
        .append(true)
        .open(dir.join("intents"))?;
    for intent in batch {
        writeln!(
            list,
            "{}\t{}",
            intent.staged.as_str(),
            intent.placed.as_str()
        )?;
    }
    list.sync_all()
}

fn kept_intents(dir: &Path) -> Vec<Placement> {
    let list = fs::read_to_string(dir.join("intents")).unwrap_or_default();
    let pairs = list.lines().map(|line| line.split_once('\t').unwrap());
    pairs
        .map(|(staged, placed)| Placement {
            staged: name(staged),
            placed: name(placed),
        })
        .collect()
}

fn run_child(dir: &Path, failpoint: Option<&str>) -> ExitStatus {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["crash::child_receives_or_recovers", "--exact", "--ignored"]);
    command.env("WHERRY_CRASH_DIR", dir);
    command.env_remove("WHERRY_FAILPOINT");
    if let Some(failpoint) = failpoint {
        command.env("WHERRY_FAILPOINT", failpoint);
    }
    let output = command.output().unwrap();
    let killed = output.status.signal() == Some(9);
    assert!(
        killed || output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stdout)
    );
    output.status
}

/// Kills a transfer at the `count`th passing of `point`; returns whether it got there.
fn survives(point: &str, count: u32) -> bool {
    let pair = Pair::new();
    let dir = pair.from.parent().unwrap();
    pair.put("a.txt", b"a")
        .put("b/c", b"c")
        .put("b/d/e", &[7; 1_500_000])
        .put("f", b"");
    fs::write(pair.to.join("a.txt"), "older").unwrap();
    let first = run_child(dir, Some(&format!("{point}:{count}")));
    if first.success() {
        return false;
    }
    assert_eq!(first.signal(), Some(9));
    assert!(run_child(dir, None).success());
    assert_eq!(
        names_in(&pair.to),
        ["a (2).txt", "a.txt", "b", "f"],
        "{point}:{count}"
    );
    assert_eq!(fs::read(pair.to.join("a.txt")).unwrap(), b"older");
    fs::rename(pair.to.join("a (2).txt"), pair.to.join("a.txt")).unwrap();
    pair.assert_same();
    true
}

fn kill_everywhere(point: &str, at_least: u32) {
    let mut count = 1;
    while survives(point, count) {
        count += 1;
    }
    assert!(count > at_least, "{point} was passed {} times", count - 1);
}

#[test]
fn killed_at_any_passing_of_scan_read_or_write_the_transfer_arrives_once() {
    kill_everywhere("scan", 6);
    kill_everywhere("read", 4);
    kill_everywhere("write", 4);
}

#[test]
fn killed_before_the_flush_around_any_rename_or_at_the_end_it_arrives_once() {
    kill_everywhere("persist", 1);
    kill_everywhere("rename", 6);
    kill_everywhere("complete", 1);
}

/// Killed again and again at the same point, it still gets done: every run gets further.
#[test]
fn a_transfer_that_is_killed_after_every_second_chunk_arrives_once() {
    let pair = Pair::new();
    let dir = pair.from.parent().unwrap();
    pair.put("large", &vec![3; 5 << 20]).put("b/small", b"c");
    let mut kills = 0;
    while !run_child(dir, Some("write:2")).success() {
        kills += 1;
        assert!(kills < 20, "it does not get further");
    }
    assert!(kills >= 4, "{kills} kills");
    pair.assert_same();
}
