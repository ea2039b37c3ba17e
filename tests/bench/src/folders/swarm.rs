//! One file for five members: what its source sends of it, alone in a network of its own that can be counted.

use std::fs;
use std::io::{self, Write as _};
use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use tempfile::TempDir;

use super::couple::Process;
use super::ours::{Device, start_server};
use crate::compare::{self, Fidelity};
use crate::settings::Settings;
use crate::{samples, table};

/// Shares the file with five; a table for people.
pub(super) fn measure(settings: &Settings) -> anyhow::Result<String> {
    let folder = TempDir::with_prefix_in("wherry-bench-swarm-", &settings.disk)?;
    let island = Island::raise()?;
    let (_server, url) = start_server(settings, folder.path(), OUR_ADDRESS)?;
    let mut members: Vec<Member> = NAMES
        .iter()
        .map(|name| Member::new(settings, folder.path().join(name), name, &url))
        .collect();
    members[0].device.network = Some(island.process_id());
    let _running = share(&members)?;
    let fresh = folder.path().join(FILE);
    samples::make_file(&fresh, settings.file_mib)?;
    let before = island.sent_bytes()?;
    let begun = Instant::now();
    fs::rename(&fresh, members[0].side.join(FILE))?;
    let size = settings.file_mib * MIB;
    let deadline = begun + PATIENCE;
    for member in &members[1..] {
        let there = member.side.join(FILE);
        while !fs::metadata(&there).is_ok_and(|it| it.len() == size) {
            ensure!(Instant::now() < deadline, "it does not come");
            std::thread::sleep(Duration::from_millis(5));
        }
    }
    let seconds = begun.elapsed().as_secs_f64();
    for member in &members[1..] {
        compare::same(
            &members[0].side.join(FILE),
            &member.side.join(FILE),
            Fidelity::Content,
        )?;
    }
    let sent_mib = (island.sent_bytes()? - before) as f64 / MIB as f64;
    writeln!(
        io::stderr(),
        "a shared folder: five members: {seconds:.3} s, {sent_mib:.1} MiB"
    )
    .ok();
    let head = [
        "a file for five members",
        "seconds",
        "the source sent MiB",
        "times the file",
    ];
    let row = [
        format!("{} MiB", settings.file_mib),
        table::short(seconds),
        table::short(sent_mib),
        table::short(sent_mib / settings.file_mib as f64),
    ];
    let cells = vec![head.map(str::to_owned).to_vec(), row.to_vec()];
    Ok(table::layout(&cells) + "\n")
}

struct Member {
    device: Device,
    name: String,
    side: PathBuf,
}

impl Member {
    fn new(settings: &Settings, home: PathBuf, name: &str, url: &str) -> Self {
        Self {
            device: Device::new(settings, home.join("home"), url),
            name: name.to_owned(),
            side: home.join("shared"),
        }
    }
}

/// Lets all of them meet and share the folder of the first; the processes that run.
fn share(members: &[Member]) -> anyhow::Result<Vec<Process>> {
    for member in members {
        fs::create_dir_all(&member.side)?;
        member.device.name_it(&member.name)?;
    }
    for (place, one) in members.iter().enumerate() {
        for other in &members[place + 1..] {
            one.device.pair_with(&other.device)?;
        }
    }
    let mut running = Vec::new();
    for member in members {
        let mut talking = member.device.talk(&["run"])?;
        talking.wait_for(|event| (event["event"] == "ready").then_some(()))?;
        running.push(talking);
    }
    let mut arguments = vec!["share".to_owned(), members[0].side.display().to_string()];
    for member in &members[1..] {
        arguments.extend(["--with".to_owned(), member.name.clone()]);
    }
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    members[0].device.run(&arguments)?;
    for (member, talking) in members.iter().zip(&mut running).skip(1) {
        talking.wait_for(|event| (event["what"] == "invited").then_some(()))?;
        let side = member.side.display().to_string();
        member.device.run(&["folders", "accept", "shared", &side])?;
    }
    // The members meet each other too.
    std::thread::sleep(Duration::from_secs(10));
    Ok(running.into_iter().map(|talking| talking.process).collect())
}

/// A network with one device, on one wire to ours.
struct Island {
    holder: Process,
}

impl Island {
    fn raise() -> anyhow::Result<Self> {
        let mut holder = Command::new("unshare");
        holder.args(["--net", "sleep", "infinity"]);
        let island = Self {
            holder: Process::start(&mut holder)?,
        };
        let id = island.process_id().to_string();
        // The process is in its network when it is the one that sleeps.
        let deadline = Instant::now() + PATIENCE;
        while fs::read_to_string(format!("/proc/{id}/comm")).is_ok_and(|it| it != "sleep\n") {
            ensure!(Instant::now() < deadline, "unshare does not start");
            std::thread::sleep(Duration::from_millis(5));
        }
        run(
            "ip",
            &["link", "add", WIRE, "type", "veth", "peer", "name", FAR_END],
        )?;
        run("ip", &["link", "set", FAR_END, "netns", &id])?;
        run(
            "ip",
            &["address", "add", &format!("{OUR_ADDRESS}/24"), "dev", WIRE],
        )?;
        run("ip", &["link", "set", WIRE, "up"])?;
        let net = format!("--net=/proc/{id}/ns/net");
        let inside =
            |arguments: &[&str]| run("nsenter", &[&[net.as_str(), "ip"], arguments].concat());
        inside(&[
            "address",
            "add",
            &format!("{ITS_ADDRESS}/24"),
            "dev",
            FAR_END,
        ])?;
        inside(&["link", "set", FAR_END, "up"])?;
        inside(&["link", "set", "lo", "up"])?;
        Ok(island)
    }

    fn process_id(&self) -> u32 {
        self.holder.id()
    }

    /// What came from the island so far.
    fn sent_bytes(&self) -> anyhow::Result<u64> {
        let path = format!("/proc/{}/net/dev", std::process::id());
        let text = fs::read_to_string(path)?;
        let mut lines = text.lines();
        let line = lines.find_map(|line| line.trim().strip_prefix(WIRE)?.strip_prefix(':'));
        let bytes = line.and_then(|line| line.split_whitespace().next());
        Ok(bytes.context("there is a wire")?.parse()?)
    }
}

fn run(program: &str, arguments: &[&str]) -> anyhow::Result<()> {
    let status = Command::new(program).args(arguments).status();
    let status = status.with_context(|| format!("{program} does not start"))?;
    ensure!(status.success(), "{program} {arguments:?} fails");
    Ok(())
}

const NAMES: [&str; 6] = ["source", "ben", "cleo", "dan", "eva", "finn"];
const FILE: &str = "large.bin";
const MIB: u64 = 1024 * 1024;
const WIRE: &str = "wire";
const FAR_END: &str = "far-end";
const OUR_ADDRESS: &str = "10.77.0.1";
const ITS_ADDRESS: &str = "10.77.0.2";
const PATIENCE: Duration = Duration::from_secs(600);
