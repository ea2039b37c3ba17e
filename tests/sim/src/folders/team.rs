//! The team: devices, the links between them, and the order in which things happen.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::{Duration, Instant};

use model::{DeviceSecrets, DisplayName};
use sync_proto::{
    Choice, Direction, FolderEvent, FolderInput, FolderPath, FolderRoster, FolderSettings,
    IgnoreRules, Moment, Role, State,
};
use testkit::Seed;

use super::disk::Manners;
use super::ledger::Ledger;
use super::node::{Chore, Node, Parcel};
use super::people;

/// What a run was like, to see that things really happened.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct FolderReport {
    /// Steps taken.
    pub steps: u64,
    /// What people did.
    pub edits: u64,
    /// Conflict copies that were kept.
    pub conflicts: u64,
    /// Edits that outlived a deletion.
    pub outlived: u64,
    /// Links that broke.
    pub partings: u64,
    /// Processes that crashed.
    pub crashes: u64,
    /// Times that very much was to be deleted.
    pub brakes: u64,
    /// Conflicts that a person decided.
    pub decisions: u64,
    /// Changes of members who may not change.
    pub stayed: u64,
}

#[derive(Debug)]
pub(crate) struct Team {
    seed: Seed,
    nodes: Vec<Node>,
    /// Parcels on their way, in the order in which they were sent.
    links: BTreeMap<(usize, usize), VecDeque<Parcel>>,
    /// Pairs that see each other, the lower first.
    up: BTreeSet<(usize, usize)>,
    ledger: Ledger,
    start: Instant,
    elapsed: Duration,
    report: FolderReport,
}

impl Team {
    pub(crate) fn new(seed: u64) -> Self {
        let mut seed = Seed::new(seed);
        let count = 2 + seed.below(3);
        let devices: Vec<DeviceSecrets> = (0..count)
            .map(|number| DeviceSecrets::from_bytes(&[u8::try_from(number + 1).expect("few"); 64]))
            .collect();
        let mut roster = FolderRoster::found(&devices[0], DisplayName::new("member 0"), [1; 16]);
        for (number, device) in devices.iter().enumerate().skip(1) {
            let role = if number > 1 && seed.chance(15) {
                Role::Read
            } else {
                Role::Change
            };
            let name = DisplayName::new(&format!("member {number}"));
            let granted = roster.grant(&devices[0], device.public(), name, role);
            granted.expect("there are seats for all");
        }
        let nodes = devices.iter().map(|device| {
            let manners = *seed.pick(&[
                Manners::Exact,
                Manners::Exact,
                Manners::Folding,
                Manners::Decomposing,
            ]);
            let settings = FolderSettings {
                direction: Direction::Both,
                folds_names: manners != Manners::Exact,
                left_out: Vec::new(),
                rules: IgnoreRules::none(),
            };
            let skew = i64::try_from(seed.below(4_000_000)).expect("a small number") - 2_000_000;
            Node::new(device.device_id(), roster.clone(), settings, manners, skew)
        });
        let nodes = nodes.collect();
        Self {
            seed,
            nodes,
            links: BTreeMap::new(),
            up: BTreeSet::new(),
            ledger: Ledger::default(),
            start: Instant::now(),
            elapsed: Duration::ZERO,
            report: FolderReport::default(),
        }
    }

    pub(crate) fn run(mut self) -> FolderReport {
        for node in 0..self.nodes.len() {
            self.start_node(node);
        }
        let edits = 10 + self.seed.within(0..40);
        while self.report.edits < edits {
            self.step();
        }
        self.heal();
        self.settle();
        self.revert_readers();
        self.settle();
        self.judge();
        self.report
    }

    fn now(&self, node: usize) -> Moment {
        let elapsed = i64::try_from(self.elapsed.as_millis()).expect("a short run");
        let wall = EPOCH_MS + elapsed + self.nodes[node].skew;
        Moment {
            instant: self.start + self.elapsed,
            wall: u64::try_from(wall).expect("a moment of our time"),
        }
    }

    fn start_node(&mut self, node: usize) {
        let now = self.now(node);
        self.nodes[node].start(now);
        for other in 0..self.nodes.len() {
            let pair = (node.min(other), node.max(other));
            if other != node && self.up.contains(&pair) {
                self.meet(pair);
            }
        }
    }

    /// Anything that can happen.
    fn step(&mut self) {
        self.elapsed += Duration::from_millis(self.seed.within(1..2_000));
        let node = self.seed.below(self.nodes.len());
        match self.seed.within(0..1_000) {
            0..100 => self.edit(node),
            100..115 => self.flip_link(),
            115..120 => self.crash(node),
            120..125 => self.nodes[node].chores.push_back(Chore::ScanAll),
            125..135 => self.decide(node),
            135..138 => self.nodes[node].lose_staged(),
            138..142 => self.nodes[node].is_blind ^= true,
            142..600 => self.work(node),
            _ => self.deliver_any(),
        }
        self.after_step();
    }

    fn after_step(&mut self) {
        self.report.steps += 1;
        for node in 0..self.nodes.len() {
            let now = self.now(node);
            let due = self.nodes[node]
                .folder
                .as_ref()
                .and_then(sync_proto::Folder::deadline);
            if due.is_some_and(|due| due <= now.instant) {
                self.nodes[node].tell(FolderInput::Timeout, now);
            }
            self.hear_events(node);
            for (device, parcel) in std::mem::take(&mut self.nodes[node].outbox) {
                let to = self.nodes.iter().position(|it| it.id == device);
                let to = to.expect("only members are spoken to");
                if self.up.contains(&(node.min(to), node.max(to))) {
                    self.links.entry((node, to)).or_default().push_back(parcel);
                }
            }
        }
    }

    fn hear_events(&mut self, node: usize) {
        for event in std::mem::take(&mut self.nodes[node].events) {
            match event {
                FolderEvent::ConflictKept { .. } => self.report.conflicts += 1,
                FolderEvent::EditOutlived(_) => self.report.outlived += 1,
                FolderEvent::ChangeStaysHere(_) => self.report.stayed += 1,
                FolderEvent::ManyDeletions { .. } => {
                    self.report.brakes += 1;
                    let answer = match self.seed.chance(70) {
                        true => FolderInput::AllowDeletions,
                        false => FolderInput::RefuseDeletions,
                    };
                    self.nodes[node].chores.push_back(Chore::Answer(answer));
                }
                FolderEvent::NotHeld(_)
                | FolderEvent::RosterChanged
                | FolderEvent::Removed
                | FolderEvent::NotWelcome(_)
                | FolderEvent::TakenBack(_)
                | FolderEvent::StoodStill => {}
            }
        }
    }

    fn edit(&mut self, node: usize) {
        self.report.edits += 1;
        let wall = self.now(node).wall;
        let node = &mut self.nodes[node];
        people::do_something(node, &mut self.ledger, wall, &mut self.seed);
        if node.folder.is_none() {
            node.chores.clear();
        }
    }

    fn decide(&mut self, node: usize) {
        let Some(folder) = &self.nodes[node].folder else {
            return;
        };
        let copies: Vec<(FolderPath, FolderPath)> = folder
            .conflicts()
            .map(|(copy, rival)| (copy.clone(), rival.path.clone()))
            .collect();
        if copies.is_empty() {
            return;
        }
        let (copy, path) = self.seed.pick(&copies).clone();
        let choice = *self
            .seed
            .pick(&[Choice::Present, Choice::Copy, Choice::Both]);
        let loser = match choice {
            Choice::Present => folder.index().on_disk(&copy),
            Choice::Copy => folder.index().on_disk(&path),
            Choice::Both => State::Deleted,
        };
        // The person who decides sees what loses.
        if let Some(content) = loser.file().and_then(|it| self.ledger.named(&it.digest)) {
            self.ledger.give_up(content);
        }
        self.report.decisions += 1;
        let now = self.now(node);
        self.nodes[node].tell(FolderInput::Decide { copy, choice }, now);
    }

    fn work(&mut self, node: usize) {
        let now = self.now(node);
        if self.nodes[node].folder.is_some() {
            self.nodes[node].work(&self.ledger, now);
        }
    }

    fn crash(&mut self, node: usize) {
        if self.nodes[node].folder.is_none() {
            self.start_node(node);
            return;
        }
        self.report.crashes += 1;
        let survives = self.seed.chance(50);
        self.nodes[node].crash(survives);
        let lost: Vec<(usize, usize)> = self.up.iter().copied().collect();
        for pair in lost.into_iter().filter(|(a, b)| *a == node || *b == node) {
            self.part(pair);
            self.up.insert(pair);
        }
    }

    fn flip_link(&mut self) {
        let a = self.seed.below(self.nodes.len());
        let b = self.seed.below(self.nodes.len());
        let pair = (a.min(b), a.max(b));
        if a == b {
            return;
        }
        if self.up.contains(&pair) {
            self.part(pair);
        } else {
            self.up.insert(pair);
            self.meet(pair);
        }
    }

    fn meet(&mut self, (a, b): (usize, usize)) {
        if self.nodes[a].folder.is_none() || self.nodes[b].folder.is_none() {
            return;
        }
        for (node, other) in [(a, b), (b, a)] {
            let now = self.now(node);
            let device = self.nodes[other].id;
            self.nodes[node].tell(FolderInput::Connected(device), now);
        }
        // What one said before the other was there is lost with the link before.
        self.after_step();
    }

    fn part(&mut self, (a, b): (usize, usize)) {
        self.report.partings += 1;
        self.up.remove(&(a, b));
        for (node, other) in [(a, b), (b, a)] {
            self.links.remove(&(node, other));
            let now = self.now(node);
            let device = self.nodes[other].id;
            self.nodes[node].tell(FolderInput::Disconnected(device), now);
        }
    }

    fn deliver_any(&mut self) {
        let busy: Vec<(usize, usize)> = self
            .links
            .iter()
            .filter(|(_, parcels)| !parcels.is_empty())
            .map(|(link, _)| *link)
            .collect();
        if !busy.is_empty() {
            let link = *self.seed.pick(&busy);
            self.deliver(link);
        }
    }

    fn deliver(&mut self, (from, to): (usize, usize)) {
        let parcel = self
            .links
            .get_mut(&(from, to))
            .and_then(VecDeque::pop_front);
        let Some(parcel) = parcel else {
            return;
        };
        let device = self.nodes[from].id;
        let input = match parcel {
            Parcel::Message(message) => FolderInput::MessageReceived { device, message },
            Parcel::Chunk { file, chunk, data } => FolderInput::ChunkReceived {
                device,
                file,
                chunk,
                data: data.to_vec(),
            },
        };
        let now = self.now(to);
        self.nodes[to].tell(input, now);
    }

    /// Everybody runs, everybody sees everybody, and everything is looked at.
    fn heal(&mut self) {
        for node in 0..self.nodes.len() {
            if self.nodes[node].folder.is_none() {
                self.start_node(node);
            }
            self.nodes[node].is_blind = false;
            self.nodes[node].chores.push_back(Chore::ScanAll);
        }
        for b in 1..self.nodes.len() {
            for a in 0..b {
                if self.up.insert((a, b)) {
                    self.meet((a, b));
                }
            }
        }
    }

    /// Goes on until nothing happens any more.
    fn settle(&mut self) {
        let end = self.report.steps + 4_000;
        while self.report.steps < end {
            self.elapsed += Duration::from_millis(1);
            let mut idle = true;
            for node in 0..self.nodes.len() {
                while !self.nodes[node].chores.is_empty() {
                    idle = false;
                    self.work(node);
                }
            }
            self.after_step();
            let links: Vec<(usize, usize)> = self.links.keys().copied().collect();
            for link in links {
                while self.links.get(&link).is_some_and(|it| !it.is_empty()) {
                    idle = false;
                    self.deliver(link);
                }
            }
            self.after_step();
            if !idle || self.nodes.iter().any(|it| !it.chores.is_empty()) {
                continue;
            }
            let folders = self.nodes.iter().map(Node::folder);
            let Some(due) = folders.filter_map(sync_proto::Folder::deadline).min() else {
                return;
            };
            self.elapsed = self.elapsed.max(due.duration_since(self.start));
            assert!(
                self.elapsed < PATIENCE * 1_000,
                "it never ends: {}",
                self.describe()
            );
            if self.is_settled() && self.report.steps + 1_000 > end {
                return;
            }
        }
        panic!("it runs in circles: {}", self.describe());
    }

    /// Who may only read gives up its own way in the end.
    fn revert_readers(&mut self) {
        for node in 0..self.nodes.len() {
            if self.may_only_read(&self.nodes[node]) {
                let now = self.now(node);
                self.nodes[node].tell(FolderInput::Revert, now);
            }
        }
    }

    fn is_settled(&self) -> bool {
        self.nodes.iter().all(|node| node.folder().is_calm())
    }

    fn judge(&self) {
        let trees: Vec<_> = self.nodes.iter().map(Node::tree).collect();
        let first = &trees[0];
        for tree in &trees {
            let differs = |path: &&FolderPath| tree.get(*path) != first.get(*path);
            let different: Vec<&str> = tree
                .keys()
                .chain(first.keys())
                .filter(differs)
                .map(FolderPath::as_str)
                .collect();
            assert!(
                different.is_empty(),
                "members differ at {different:?}: {}",
                self.describe()
            );
        }
        for content in self.ledger.owed() {
            let is_kept = |tree: &BTreeMap<_, Option<(_, bool)>>| {
                tree.values().flatten().any(|(it, _)| *it == content)
            };
            let mut kept = self.nodes.iter().flat_map(|node| node.disk.contents());
            let is_there = is_kept(first) || kept.any(|it| it == content);
            assert!(is_there, "{content:?} is lost: {}", self.describe());
        }
    }

    fn may_only_read(&self, node: &Node) -> bool {
        let roster = node.folder().roster();
        let seat = roster.seat_of(&node.id).expect("nobody was removed");
        roster.member(seat).is_some_and(|it| it.role == Role::Read)
    }

    fn describe(&self) -> String {
        let nodes = self.nodes.iter().map(|node| {
            let folder = node.folder();
            let slots = folder
                .index()
                .slots()
                .map(|(path, slot)| format!("\n    {:?} {slot:?}", path.as_str()));
            let tree = node.tree().into_iter();
            let tree: Vec<String> = tree
                .map(|(path, it)| format!("{:?}: {it:?}", path.as_str()))
                .collect();
            let machine = format!("{folder:?}");
            let work = machine.find("work: Work").unwrap_or(0);
            let work = &machine[work..machine.find("brake: ").unwrap_or(machine.len())];
            format!(
                "\n  WORK {work}\n  {:?} {:?} seat {:?} {:?}\n   {}\n   versions {:?}{}",
                node.id.0[0],
                node.disk.manners,
                folder.roster().seat_of(&node.id),
                folder.status(),
                tree.join(", "),
                node.disk.versions,
                slots.collect::<String>()
            )
        });
        nodes.collect()
    }
}

const EPOCH_MS: i64 = 1_790_000_000_000;
const PATIENCE: Duration = Duration::from_secs(3_600);
