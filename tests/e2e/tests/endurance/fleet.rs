use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use e2e::{Device, Running, Server, make_file, pair_with, same_tree, visible_names};
use testkit::Seed;

/// Devices that stay online, the last of them without ever being killed.
pub(crate) struct Fleet {
    server: Server,
    boats: Vec<Boat>,
    sent: Vec<Sent>,
    /// Sends that are not in every receiver's folder yet.
    open: BTreeSet<usize>,
}

struct Boat {
    name: &'static str,
    device: Device,
    runs: Running,
}

struct Sent {
    name: String,
    from: usize,
    to: Vec<usize>,
}

/// What a process holds.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Footprint {
    pub(crate) descriptors: usize,
    pub(crate) threads: usize,
    pub(crate) resident_kib: usize,
}

impl Fleet {
    /// Everybody is a contact of everybody and accepts everything.
    pub(crate) fn launch() -> Self {
        let server = Server::start();
        let devices = NAMES.map(|name| Device::new(&server.url).named(name));
        for (at, device) in devices.iter().enumerate() {
            for other in &devices[at + 1..] {
                pair_with(device, &[], other);
            }
        }
        let boats = devices.into_iter().zip(NAMES).map(|(device, name)| {
            let runs = set_sail(&device);
            Boat { name, device, runs }
        });
        Self {
            boats: boats.collect(),
            server,
            sent: Vec::new(),
            open: BTreeSet::new(),
        }
    }

    /// Sends a small tree of random shape from somebody to one, two or three others.
    pub(crate) fn send_something(&mut self, number: u64, chance: &mut Seed) {
        let from = chance.below(self.boats.len());
        let mut to: Vec<usize> = (0..self.boats.len()).filter(|&at| at != from).collect();
        while to.len() > 1 && chance.below(2) == 0 {
            to.swap_remove(chance.below(to.len()));
        }
        let name = format!("cargo-{number:04}");
        let root = self.boats[from].device.path(&name);
        load(&root, chance);
        let root = root.display().to_string();
        let mut arguments = vec!["send", root.as_str(), "--wait"];
        for &other in &to {
            arguments.extend(["--to", self.boats[other].name]);
        }
        let mut sending = self.boats[from].device.start(&arguments);
        // From then on the owner of the home sends by itself, also after a restart.
        for _ in &to {
            sending.wait_for("transfer_added");
        }
        sending.kill();
        self.open.insert(self.sent.len());
        self.sent.push(Sent { name, from, to });
    }

    /// Something bad happens to somebody, or nothing.
    pub(crate) fn suffer(&mut self, chance: &mut Seed) {
        let mortals = self.boats.len() - 1;
        let whom = chance.below(mortals);
        match chance.below(8) {
            0..=2 => {
                self.boats[whom].runs.kill();
                self.boats[whom].runs = set_sail(&self.boats[whom].device);
            }
            3 => {
                let frozen = &self.boats[whom].runs;
                frozen.signal("STOP");
                std::thread::sleep(Duration::from_millis(chance.within(100..3_000)));
                frozen.signal("CONT");
            }
            4 => self.server.restart(),
            _ => std::thread::sleep(Duration::from_millis(chance.within(0..400))),
        }
    }

    pub(crate) fn unfinished(&mut self) -> usize {
        // A face whose words nobody reads stops listening, and a device without a face accepts nothing.
        for boat in &mut self.boats {
            boat.runs.said();
        }
        let arrived: Vec<usize> = self
            .open
            .iter()
            .copied()
            .filter(|&at| self.has_arrived(&self.sent[at]))
            .collect();
        for at in arrived {
            self.open.remove(&at);
        }
        self.open.len()
    }

    /// Nothing bad happens until everything arrived.
    pub(crate) fn let_it_settle(&mut self) {
        let deadline = Instant::now() + PATIENCE;
        while self.unfinished() > 0 {
            assert!(
                Instant::now() < deadline,
                "missing: {}; {:#?}",
                self.missing(),
                self.boats.iter_mut().map(Boat::report).collect::<Vec<_>>()
            );
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    fn missing(&self) -> String {
        let open = self.open.iter().map(|&at| {
            let sent = &self.sent[at];
            let to = sent.to.iter().filter(|&&to| !self.is_at(sent, to));
            let to: Vec<&str> = to.map(|&to| self.boats[to].name).collect();
            let from = self.boats[sent.from].name;
            format!("{} from {from} to {}", sent.name, to.join(", "))
        });
        open.collect::<Vec<_>>().join("; ")
    }

    fn has_arrived(&self, sent: &Sent) -> bool {
        sent.to.iter().all(|&to| self.is_at(sent, to))
    }

    fn is_at(&self, sent: &Sent, to: usize) -> bool {
        into(&self.boats[to].device).join(&sent.name).exists()
    }

    pub(crate) fn assert_everything_arrived_once(&self) {
        for (at, boat) in self.boats.iter().enumerate() {
            let expected = self.sent.iter().filter(|sent| sent.to.contains(&at));
            let expected: BTreeSet<&str> = expected.map(|sent| sent.name.as_str()).collect();
            let found = visible_names(&into(&boat.device));
            let found: BTreeSet<&str> = found.iter().map(String::as_str).collect();
            assert_eq!(found, expected, "at {}", boat.name);
        }
        for sent in &self.sent {
            let source = self.boats[sent.from].device.path(&sent.name);
            for &to in &sent.to {
                same_tree(&source, &into(&self.boats[to].device).join(&sent.name));
            }
        }
    }

    /// Senders hear of the end a moment after the receivers; then nothing staged and no spool may be left.
    pub(crate) fn assert_nothing_is_left_behind(&self) {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let left: Vec<PathBuf> = self.boats.iter().flat_map(leftovers).collect();
            if left.is_empty() {
                return;
            }
            assert!(Instant::now() < deadline, "left behind: {left:?}");
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    /// Of the process that was never killed.
    pub(crate) fn footprint(&self) -> Footprint {
        let last = self.boats.last().expect("there are boats");
        let process = PathBuf::from(format!("/proc/{}", last.runs.id()));
        let status = fs::read_to_string(process.join("status")).expect("it runs");
        let figure = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name));
            let figure = line.and_then(|line| line.split_whitespace().next());
            figure.and_then(|it| it.parse().ok()).expect("a figure")
        };
        Footprint {
            descriptors: names_in(&process.join("fd")).len(),
            threads: figure("Threads:"),
            resident_kib: figure("VmRSS:"),
        }
    }
}

impl Boat {
    /// What its owner says about everything unfinished.
    fn report(&mut self) -> String {
        let listed = self.device.start(&["transfers", "list"]).end();
        self.runs.kill();
        let said = self.runs.end().stderr;
        let open = listed
            .events
            .into_iter()
            .filter(|it| it["state"] != "completed");
        format!("{}: {:?}\n{said}", self.name, open.collect::<Vec<_>>())
    }
}

fn set_sail(device: &Device) -> Running {
    let folder = into(device).display().to_string();
    device.start(&["run", "--into", &folder, "--yes"])
}

fn into(device: &Device) -> PathBuf {
    device.path("into")
}

/// A few files and folders, empty, small and large.
fn load(root: &Path, chance: &mut Seed) {
    fs::create_dir_all(root.join("empty")).expect("folders");
    for number in 0..=chance.below(12) {
        let folder = root.join(format!("deck {}", number % 3));
        fs::create_dir_all(&folder).expect("a folder");
        let most = [1, 1_000, 100_000, 3 << 20][chance.below(4)];
        let size = chance.below(most);
        make_file(
            &folder.join(format!("crate {number}")),
            size,
            chance.number(),
        );
    }
}

/// What a finished transfer should have taken away with it.
fn leftovers(boat: &Boat) -> Vec<PathBuf> {
    let folder = into(&boat.device);
    let staged = names_in(&folder).into_iter().filter(|path| {
        let name = path.file_name().and_then(|name| name.to_str());
        name.is_some_and(|name| name.starts_with('.'))
    });
    let spools = names_in(&boat.device.path("home/spool"));
    staged.chain(spools).collect()
}

fn names_in(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten();
    entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .collect()
}

const NAMES: [&str; 4] = ["Ana", "Ben", "Cleo", "Dan"];
/// How long what was sent may take once everybody is left in peace.
const PATIENCE: Duration = Duration::from_secs(180);
