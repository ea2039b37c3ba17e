//! Devices that share one folder, and what must be true of their files.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use e2e::{Device, Running, Server, pair_with};
use serde_json::Value;

/// One device of a team: its process runs unless a test stopped it.
pub(crate) struct Mate {
    pub(crate) device: Device,
    pub(crate) running: Option<Running>,
    /// Whether a test lets it stand still.
    pub(crate) is_still: bool,
}

/// Devices that are contacts of the first one and share a folder with it.
pub(crate) struct Team {
    pub(crate) mates: Vec<Mate>,
    server: Server,
}

impl Mate {
    pub(crate) fn start(&mut self) {
        let mut running = self.device.start(&["run"]);
        running.wait_for("ready");
        self.running = Some(running);
    }

    /// Starts it to be killed at the `count`-th passing of a failpoint.
    pub(crate) fn start_doomed(&mut self, failpoint: &str) {
        let mut running = self.device.start_doomed(failpoint, &["run"]);
        running.wait_for("ready");
        self.running = Some(running);
    }

    pub(crate) fn stop(&mut self) {
        let mut running = self.running.take().expect("it runs");
        running.signal("TERM");
        running.end().expect_success();
    }

    pub(crate) fn kill(&mut self) {
        self.running.take().expect("it runs").kill();
    }

    pub(crate) fn folder(&self) -> PathBuf {
        self.device.path("shared")
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder().join(name)
    }

    pub(crate) fn write(&self, name: &str, content: &str) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().expect("it lies in a folder")).expect("folders");
        fs::write(path, content).expect("a file");
    }

    pub(crate) fn read(&self, name: &str) -> Option<String> {
        fs::read_to_string(self.path(name)).ok()
    }

    /// What a command on the folder says.
    pub(crate) fn ask(&self, arguments: &[&str]) -> Vec<Value> {
        self.device.run(&[&["folders"], arguments].concat()).events
    }

    pub(crate) fn status(&self) -> Value {
        let mut events = self.ask(&["status", "shared"]);
        events.pop().expect("a status")
    }

    /// Waits until the folder stands as it is wanted to.
    pub(crate) fn wait_for_status(&self, what: &str, is_it: impl Fn(&Value) -> bool) {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let status = self.status();
            if is_it(&status) {
                return;
            }
            assert!(Instant::now() < deadline, "{what}: {status}");
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// Everything in the folder but the own storage: folders without, files with their content.
    pub(crate) fn tree(&self) -> Tree {
        let mut tree = BTreeMap::new();
        gather(&self.folder(), &self.folder(), &mut tree);
        tree
    }

    /// The content of everything among the versions.
    pub(crate) fn versions(&self) -> Vec<Vec<u8>> {
        let mut tree = BTreeMap::new();
        let versions = self.path(".wherry/versions");
        gather(&versions, &versions, &mut tree);
        tree.into_values().flatten().collect()
    }
}

impl Team {
    /// Devices that share a folder; all but the first joined.
    pub(crate) fn of(names: &[&str]) -> Self {
        let mut team = Self::of_strangers(names);
        let with: Vec<&str> = names[1..]
            .iter()
            .flat_map(|name| ["--with", name])
            .collect();
        team.share(&with);
        for place in 1..names.len() {
            team.join(place);
        }
        team
    }

    /// Devices that know each other and run, and share nothing yet.
    pub(crate) fn of_strangers(names: &[&str]) -> Self {
        let server = Server::start();
        let mates: Vec<Mate> = names
            .iter()
            .map(|name| Mate {
                device: Device::new(&server.url).named(name),
                running: None,
                is_still: false,
            })
            .collect();
        for (place, one) in mates.iter().enumerate() {
            for other in &mates[place + 1..] {
                pair_with(&one.device, &[], &other.device);
            }
        }
        let mut team = Self { mates, server };
        team.mates.iter_mut().for_each(Mate::start);
        team
    }

    pub(crate) fn url(&self) -> String {
        self.server.url.clone()
    }

    pub(crate) fn share(&mut self, with: &[&str]) {
        let first = &self.mates[0];
        let folder = first.folder().display().to_string();
        first.device.run(&[&["share", &folder], with].concat());
    }

    /// Lets a device join once it is asked to.
    pub(crate) fn join(&mut self, place: usize) {
        let mate = &mut self.mates[place];
        let running = mate.running.as_mut().expect("it runs");
        running
            .wait_until(|event| event["event"] == "folder" && event["what"] == "invited")
            .expect("an invitation");
        let folder = mate.folder().display().to_string();
        mate.ask(&["accept", "shared", &folder]);
    }

    /// Waits until all of them hold the same, and `is_it` is true of it.
    pub(crate) fn converge(&self, is_it: impl Fn(&Mate) -> bool) {
        let who: Vec<usize> = (0..self.mates.len()).collect();
        self.converge_of(&who, is_it);
    }

    pub(crate) fn converge_of(&self, who: &[usize], is_it: impl Fn(&Mate) -> bool) {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let trees: Vec<_> = who.iter().map(|place| self.mates[*place].tree()).collect();
            let is_same = trees.windows(2).all(|pair| pair[0] == pair[1]);
            if is_same && who.iter().all(|place| is_it(&self.mates[*place])) {
                return;
            }
            assert!(Instant::now() < deadline, "{}", self.describe(who));
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Waits until all hold the same with nothing left to do; people allow what was deleted.
    pub(crate) fn settle(&self) {
        let deadline = Instant::now() + PATIENCE_WITH_MUCH;
        loop {
            let trees: Vec<_> = self.mates.iter().map(Mate::tree).collect();
            let states: Vec<_> = self.mates.iter().map(Mate::status).collect();
            let deletions = |status: &Value| status["deletions"].as_u64().unwrap_or(0);
            let is_done = |status| deletions(status) == 0 && status["behind"] == 0;
            if trees.windows(2).all(|pair| pair[0] == pair[1]) && states.iter().all(is_done) {
                return;
            }
            for (mate, status) in self.mates.iter().zip(&states) {
                if deletions(status) > 0 {
                    mate.ask(&["deletions", "shared", "allow"]);
                }
            }
            assert!(
                Instant::now() < deadline,
                "{}",
                differences(&trees, &states)
            );
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    fn describe(&self, who: &[usize]) -> String {
        let one = |place: &usize| {
            let mate = &self.mates[*place];
            let tree = mate.tree().into_iter().map(|(path, content)| {
                let content =
                    content.map(|it| String::from_utf8_lossy(&it[..it.len().min(40)]).into_owned());
                format!("  {path}: {content:?}\n")
            });
            let status = mate.running.is_some().then(|| mate.status());
            format!("{place}:\n{}{status:#?}\n", tree.collect::<String>())
        };
        who.iter().map(one).collect()
    }
}

fn differences(trees: &[Tree], states: &[Value]) -> String {
    let paths: BTreeSet<&String> = trees.iter().flat_map(BTreeMap::keys).collect();
    let is_same = |path: &String| {
        trees
            .iter()
            .all(|tree| tree.get(path) == trees[0].get(path))
    };
    let lines = paths.into_iter().filter(|path| !is_same(path)).map(|path| {
        let shown = trees.iter().map(|tree| match tree.get(path) {
            None => "nothing".to_owned(),
            Some(None) => "a folder".to_owned(),
            Some(Some(content)) => {
                String::from_utf8_lossy(&content[..content.len().min(20)]).into_owned()
            }
        });
        format!("{path:?}: {:?}\n", shown.collect::<Vec<_>>())
    });
    format!("they differ:\n{}{states:#?}", lines.collect::<String>())
}

/// Folders without, files with their content.
type Tree = BTreeMap<String, Option<Vec<u8>>>;

fn gather(root: &Path, folder: &Path, tree: &mut Tree) {
    let Ok(entries) = fs::read_dir(folder) else {
        return;
    };
    for entry in entries.flatten() {
        let path = entry.path();
        let name = path
            .strip_prefix(root)
            .expect("it is below")
            .display()
            .to_string();
        if name == ".wherry" {
            continue;
        }
        if path.is_dir() {
            tree.insert(name, None);
            gather(root, &path, tree);
        } else {
            tree.insert(name, Some(fs::read(&path).unwrap_or_default()));
        }
    }
}

/// For slow machines.
const PATIENCE: Duration = Duration::from_secs(90);
/// For slow machines and very many changes.
const PATIENCE_WITH_MUCH: Duration = Duration::from_secs(300);
