use model::limits::{FOLDER_ASKED_CHUNKS, FOLDER_FETCHES, FOLDER_SLEEPING_FETCHES, STAMP_AHEAD_MS};
use model::{DeviceId, DeviceSecrets, Digest, DisplayName, Timestamp};

use super::*;
use crate::{
    Announced, FileState, FolderHello, IgnoreRules, IndexPage, Recipe, Record, VersionVector,
};

mod conflicts;
mod hostile;
mod waiting;

/// Ana's folder; the test is her driver and the other members: Ben who may change, Cem who reads.
struct Bench {
    folder: Folder,
    now: Moment,
    told: std::collections::BTreeMap<DeviceId, u64>,
}

const WALL: u64 = 1_790_000_000_000;

#[expect(
    clippy::disallowed_methods,
    reason = "the one place a test starts its clock"
)]
fn epoch() -> Moment {
    Moment {
        instant: Instant::now(),
        wall: WALL,
    }
}

fn secrets(number: u8) -> DeviceSecrets {
    DeviceSecrets::from_bytes(&[number; 64])
}

fn ana() -> DeviceId {
    secrets(1).device_id()
}

fn ben() -> DeviceId {
    secrets(2).device_id()
}

fn cem() -> DeviceId {
    secrets(3).device_id()
}

fn roster() -> FolderRoster {
    let name = DisplayName::new;
    let mut roster = FolderRoster::found(&secrets(1), name("Ana"), [9; 16]);
    for (number, text, role) in [(2, "Ben", Role::Change), (3, "Cem", Role::Read)] {
        let keys = secrets(number).public();
        roster.grant(&secrets(1), keys, name(text), role).unwrap();
    }
    roster
}

fn path(text: &str) -> FolderPath {
    FolderPath::parse(text).unwrap()
}

fn seat(number: u8) -> Seat {
    Seat::parse(number).unwrap()
}

fn file(content: &[u8]) -> State {
    State::File(FileState {
        size_bytes: content.len() as u64,
        modified: Timestamp {
            seconds: 1_777_816_920,
            nanoseconds: 0,
        },
        executable: false,
        digest: Recipe::of(content).digest(),
    })
}

fn record(author: u8, stamp: u64, state: State) -> Record {
    Record {
        version: VersionVector::default().bumped(seat(author), stamp),
        state,
        rival: None,
    }
}

impl Bench {
    /// A folder of the device `own`, alone.
    fn of(own: DeviceId) -> Self {
        let now = epoch();
        let config = FolderConfig {
            own,
            roster: roster(),
            slots: Vec::new(),
            cursors: Vec::new(),
            index: 1,
            token: 2,
            settings: FolderSettings {
                direction: Direction::Both,
                folds_names: false,
                left_out: Vec::new(),
                rules: IgnoreRules::none(),
            },
        };
        Self {
            folder: Folder::new(config, now),
            now,
            told: std::collections::BTreeMap::new(),
        }
    }

    /// Ana's folder, with the others there, who hold nothing yet.
    fn met() -> Self {
        let mut bench = Self::of(ana());
        bench.meet(ben());
        bench.meet(cem());
        bench
    }

    fn tell(&mut self, input: FolderInput) -> Vec<FolderOutput> {
        self.folder.handle_input(input, self.now);
        std::iter::from_fn(|| self.folder.poll_output()).collect()
    }

    fn hear(&mut self, device: DeviceId, message: FolderMessage) -> Vec<FolderOutput> {
        self.tell(FolderInput::MessageReceived { device, message })
    }

    fn meet(&mut self, device: DeviceId) {
        self.tell(FolderInput::Connected(device));
        let hello = FolderHello {
            roster: self.folder.roster().digest(),
            index: 7,
            folds_names: false,
            token: 8,
        };
        self.hear(device, FolderMessage::Hello(hello));
        self.announce(device, &[]);
    }

    /// `device` says that it holds these.
    fn announce(&mut self, device: DeviceId, records: &[(&str, Record)]) -> Vec<FolderOutput> {
        let after = self.told.get(&device).copied().unwrap_or(0);
        let through = after + records.len() as u64;
        self.told.insert(device, through);
        let records = records.iter().map(|(text, record)| Announced {
            path: path(text),
            record: record.clone(),
        });
        let page = IndexPage {
            after,
            records: records.collect(),
            through,
            more: false,
        };
        self.hear(device, FolderMessage::IndexTold(page))
    }

    /// This lies on Ana's disk now.
    fn scan(&mut self, text: &str, found: State) -> Vec<FolderOutput> {
        let path = path(text);
        self.tell(FolderInput::Scanned { path, found })
    }

    fn done(&mut self, text: &str) -> Vec<FolderOutput> {
        let (path, outcome) = (path(text), Outcome::Done);
        self.tell(FolderInput::Applied { path, outcome })
    }

    /// Ben brings the bytes of a small file.
    fn bring(&mut self, content: &[u8]) -> Vec<FolderOutput> {
        self.tell(FolderInput::ChunkReceived {
            device: ben(),
            file: Recipe::of(content).digest(),
            chunk: 0,
            data: content.to_vec(),
        })
    }

    fn state(&self, text: &str) -> Option<State> {
        let local = self.folder.index().local(&path(text));
        local.map(|local| local.state)
    }
}

fn tasks(outputs: &[FolderOutput]) -> Vec<Task> {
    let mut tasks = Vec::new();
    for output in outputs {
        if let FolderOutput::Apply(task) = output {
            tasks.push(task.clone());
        }
    }
    tasks
}

fn violations(outputs: &[FolderOutput]) -> Vec<FolderViolation> {
    let mut violations = Vec::new();
    for output in outputs {
        if let FolderOutput::Violation { kind, .. } = output {
            violations.push(*kind);
        }
    }
    violations
}
