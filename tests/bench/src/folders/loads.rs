use std::fs::{self, File};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};

use super::Kind;
use super::couple::Couple;
use crate::compare::{self, Fidelity};
use crate::samples;
use crate::settings::Settings;

/// What one couple came to, in the order of the table.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) name: &'static str,
    pub(super) figures: Vec<f64>,
}

/// Everything, one after the other, in one folder that grows.
pub(super) fn measure(couple: &Couple, settings: &Settings) -> anyhow::Result<Row> {
    let name = couple.kind.name();
    let said = |what: &str, seconds: f64| {
        writeln!(
            io::stderr(),
            "a shared folder: {name}: {what}: {seconds:.3} s"
        )
        .ok();
    };
    let saves = saves(couple)?;
    said("saved file", saves[0]);
    let tree = tree(couple)?;
    said("10,000 files", tree);
    let idle = idle(couple)?;
    let whole = whole(couple, settings)?;
    said("the file", whole.seconds);
    let changed = changed(couple, settings)?;
    said("1 MiB changed", changed.seconds);
    let inserted = inserted(couple, settings)?;
    said("1 MiB inserted", inserted.seconds);
    Ok(Row {
        name,
        figures: vec![
            saves[0],
            saves[1],
            tree,
            settings.file_mib as f64 / whole.seconds,
            changed.seconds,
            changed.wire_mib,
            inserted.seconds,
            inserted.wire_mib,
            idle[0],
            idle[1],
        ],
    })
}

/// How long it takes until a file that somebody saves is whole on the other side: the median, and 95 of 100.
fn saves(couple: &Couple) -> anyhow::Result<[f64; 2]> {
    let count = match couple.kind {
        Kind::Theirs { delay: "10" } => 5,
        Kind::Ours | Kind::Theirs { .. } => 40,
    };
    let mut seconds = Vec::new();
    // The first shows that they have met.
    for number in 0..=count {
        let content = format!("version {number}\n").repeat(256);
        let fresh = couple.scratch.join("fresh");
        fs::write(&fresh, &content)?;
        let begun = Instant::now();
        fs::rename(fresh, couple.sides[0].join("saved.txt"))?;
        let there = couple.sides[1].join("saved.txt");
        wait_for(MILLISECOND, || {
            fs::read_to_string(&there).is_ok_and(|it| it == content)
        })?;
        if number > 0 {
            seconds.push(begun.elapsed().as_secs_f64());
        }
        std::thread::sleep(BETWEEN_SAVES);
    }
    seconds.sort_by(f64::total_cmp);
    let at = |share: usize| seconds[(seconds.len() * share / 100).min(seconds.len() - 1)];
    Ok([at(50), at(95)])
}

/// 10,000 files of 4 KiB come at once.
fn tree(couple: &Couple) -> anyhow::Result<f64> {
    let fresh = couple.scratch.join("tree");
    samples::make_small_files(&fresh)?;
    let [here, there] = [0, 1].map(|side| couple.sides[side].join("tree"));
    let begun = Instant::now();
    fs::rename(fresh, &here)?;
    wait_for(Duration::from_millis(25), || {
        count(&there) == samples::TREE_FILES
    })?;
    let seconds = begun.elapsed().as_secs_f64();
    // The last of them may not have its time yet.
    std::thread::sleep(Duration::from_secs(1));
    compare::same(&here, &there, Fidelity::Content)?;
    Ok(seconds)
}

fn count(folder: &Path) -> usize {
    let Ok(folders) = fs::read_dir(folder) else {
        return 0;
    };
    let is_whole =
        |name: &str| !name.starts_with(".syncthing.") && !name.starts_with("~syncthing~");
    let files = |folder: fs::DirEntry| {
        let entries = fs::read_dir(folder.path()).into_iter().flatten().flatten();
        entries
            .filter(|it| is_whole(&it.file_name().to_string_lossy()))
            .count()
    };
    folders.flatten().map(files).sum()
}

/// What the receiving device uses while nothing happens: of a core in hundredths, and memory.
fn idle(couple: &Couple) -> anyhow::Result<[f64; 2]> {
    std::thread::sleep(Duration::from_secs(5));
    let (begun, before) = (Instant::now(), couple.cpu_seconds()?);
    std::thread::sleep(Duration::from_secs(30));
    let used = couple.cpu_seconds()? - before;
    Ok([
        100.0 * used / begun.elapsed().as_secs_f64(),
        couple.resident_mib()?,
    ])
}

/// What it took, and what went over the wire both ways.
struct Carried {
    seconds: f64,
    wire_mib: f64,
}

/// Times from `change` until the other side has the same.
fn carry(
    couple: &Couple,
    change: impl FnOnce(&Path) -> anyhow::Result<()>,
) -> anyhow::Result<Carried> {
    let [here, there] = [0, 1].map(|side| couple.sides[side].join(FILE));
    let wire = wire_bytes()?;
    let begun = Instant::now();
    change(&here)?;
    let expected = around_middle(&here)?;
    wait_for(Duration::from_millis(5), || {
        around_middle(&there).is_ok_and(|it| it == expected)
    })?;
    let seconds = begun.elapsed().as_secs_f64();
    compare::same(&here, &there, Fidelity::Content)?;
    // What they still say to each other belongs to this.
    std::thread::sleep(Duration::from_secs(2));
    let wire_mib = (wire_bytes()? - wire) as f64 / MIB as f64;
    Ok(Carried { seconds, wire_mib })
}

fn whole(couple: &Couple, settings: &Settings) -> anyhow::Result<Carried> {
    let fresh = couple.scratch.join(FILE);
    samples::make_file(&fresh, settings.file_mib)?;
    carry(couple, |here| Ok(fs::rename(&fresh, here)?))
}

fn changed(couple: &Couple, settings: &Settings) -> anyhow::Result<Carried> {
    carry(couple, |here| {
        let mut file = File::options().write(true).open(here)?;
        file.seek(SeekFrom::Start(settings.file_mib * MIB / 2))?;
        file.write_all(&samples::noise(3, MIB))?;
        Ok(())
    })
}

fn inserted(couple: &Couple, settings: &Settings) -> anyhow::Result<Carried> {
    let old = couple.sides[0].join(FILE);
    let fresh = couple.scratch.join(FILE);
    let mut reader = File::open(&old)?;
    let mut writer = File::create(&fresh)?;
    io::copy(
        &mut (&mut reader).take(settings.file_mib * MIB / 2),
        &mut writer,
    )?;
    writer.write_all(&samples::noise(5, MIB))?;
    io::copy(&mut reader, &mut writer)?;
    carry(couple, |here| Ok(fs::rename(&fresh, here)?))
}

/// The size of a file and a MiB from its middle: whether it is there can be seen often.
fn around_middle(path: &Path) -> io::Result<(u64, Vec<u8>)> {
    let mut file = File::open(path)?;
    let size = file.metadata()?.len();
    file.seek(SeekFrom::Start(size / 2))?;
    let mut bytes = Vec::new();
    file.take(MIB).read_to_end(&mut bytes)?;
    Ok((size, bytes))
}

fn wait_for(pause: Duration, is_there: impl Fn() -> bool) -> anyhow::Result<()> {
    let deadline = Instant::now() + PATIENCE;
    while !is_there() {
        ensure!(Instant::now() < deadline, "it does not come");
        std::thread::sleep(pause);
    }
    Ok(())
}

/// Everything that went over the loopback device of this network so far.
fn wire_bytes() -> anyhow::Result<u64> {
    let table = fs::read_to_string("/proc/net/dev")?;
    let line = table
        .lines()
        .find_map(|line| line.trim().strip_prefix("lo:"));
    let bytes = line.and_then(|line| line.split_whitespace().next());
    Ok(bytes.context("there is a loopback device")?.parse()?)
}

const FILE: &str = "large.bin";
const MIB: u64 = 1024 * 1024;
const MILLISECOND: Duration = Duration::from_millis(1);
/// So that every save is one by itself.
const BETWEEN_SAVES: Duration = Duration::from_millis(400);
const PATIENCE: Duration = Duration::from_secs(300);
