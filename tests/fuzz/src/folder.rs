//! What members of a shared folder say.

use std::time::Instant;

use model::{DeviceSecrets, DisplayName, FolderId};
use sync_proto::{
    AddressedToFolder, Direction, Folder, FolderConfig, FolderHello, FolderInput, FolderMessage,
    FolderOutput, FolderPath, FolderRoster, FolderSettings, IgnoreRules, IndexPage, Moment, Piece,
    Recipe, Role,
};

use crate::Verdict;
use crate::script::{Script, steps};

/// Reads a message.
pub(crate) fn folder_message(data: &[u8]) -> Verdict {
    let Ok(message) = AddressedToFolder::decode(data) else {
        return Verdict::Refused;
    };
    assert_eq!(AddressedToFolder::decode(&message.encode()), Ok(message));
    Verdict::Accepted
}

pub(crate) fn folder_message_seeds() -> Vec<(&'static str, Vec<u8>)> {
    let named = |(name, message): (&'static str, FolderMessage)| {
        let folder = FolderId([3; 16]);
        (name, AddressedToFolder { folder, message }.encode())
    };
    messages().into_iter().map(named).collect()
}

/// Reads a list of members, signatures and all.
pub(crate) fn folder_roster(data: &[u8]) -> Verdict {
    let Ok(roster) = FolderRoster::decode(data, roster().folder()) else {
        return Verdict::Refused;
    };
    let again = FolderRoster::decode(&roster.encode(), roster.folder());
    assert_eq!(again, Ok(roster.clone()));
    assert!(!roster.supersedes(&roster));
    Verdict::Accepted
}

pub(crate) fn folder_roster_seeds() -> Vec<(&'static str, Vec<u8>)> {
    let mut removed = roster();
    removed
        .remove(&device(1), &device(2).device_id(), 5)
        .expect("the owner may remove a member");
    vec![("two", roster().encode()), ("removed", removed.encode())]
}

/// Reads what is not to be shared.
pub(crate) fn ignore_rules(data: &[u8]) -> Verdict {
    let Ok(text) = std::str::from_utf8(data) else {
        return Verdict::Refused;
    };
    let Ok(rules) = IgnoreRules::parse(text) else {
        return Verdict::Refused;
    };
    for path in ["a", "target/x/y.log", "é/b"] {
        let path = FolderPath::parse(path).expect("a plain path");
        let _judged = (rules.ignores(&path, false), rules.ignores(&path, true));
    }
    Verdict::Accepted
}

pub(crate) fn ignore_rules_seeds() -> Vec<(&'static str, Vec<u8>)> {
    vec![(
        "usual",
        b"/target\nnode_modules/\n*.log\n!keep.log\n**/a?[b-d]\n".to_vec(),
    )]
}

/// Plays what another member says to a folder whose disk does everything at once.
pub(crate) fn folder_member(data: &[u8]) -> Verdict {
    let now = Moment {
        instant: Instant::now(),
        wall: 1_790_000_000_000,
    };
    let mut folder = Folder::new(config(), now);
    let member = device(2).device_id();
    let mut done = 0;
    play(&mut folder, FolderInput::Connected(member), now, &mut done);
    for (kind, bytes) in steps(data) {
        let input = match kind {
            SAYS => match AddressedToFolder::decode(bytes) {
                Ok(said) => FolderInput::MessageReceived {
                    device: member,
                    message: said.message,
                },
                Err(_) => continue,
            },
            BRINGS => FolderInput::ChunkReceived {
                device: member,
                file: Recipe::of(bytes).digest(),
                chunk: 0,
                data: bytes.to_vec(),
            },
            _ => FolderInput::Timeout,
        };
        play(&mut folder, input, now, &mut done);
    }
    Verdict::of(done > 0)
}

pub(crate) fn folder_member_seeds() -> Vec<(&'static str, Vec<u8>)> {
    let mut script = Script::default();
    let folder = roster().folder();
    for (_, message) in messages() {
        script.add(SAYS, &AddressedToFolder { folder, message }.encode());
    }
    script.add(BRINGS, b"content");
    vec![("everything", script.finish())]
}

/// Gives an input and lets the disk do at once what is asked.
fn play(folder: &mut Folder, input: FolderInput, now: Moment, done: &mut usize) {
    let mut inputs = vec![input];
    while let Some(input) = inputs.pop() {
        folder.handle_input(input, now);
        while let Some(output) = folder.poll_output() {
            if let FolderOutput::Apply(task) = output {
                *done += 1;
                let outcome = sync_proto::Outcome::Done;
                let path = task.path;
                inputs.push(FolderInput::Applied { path, outcome });
            }
        }
    }
}

fn messages() -> Vec<(&'static str, FolderMessage)> {
    let file = Recipe::of(b"content").digest();
    let mut held = model::ChunkSet::new();
    held.insert(0);
    vec![
        (
            "hello",
            FolderMessage::Hello(FolderHello {
                roster: roster().digest(),
                index: 7,
                folds_names: true,
                token: 8,
            }),
        ),
        (
            "index",
            FolderMessage::IndexTold(IndexPage {
                after: 0,
                records: records(),
                through: 4,
                more: false,
            }),
        ),
        ("wish", FolderMessage::IndexWanted { after: 0 }),
        ("roster", FolderMessage::Roster(roster().encode())),
        (
            "recipe-wanted",
            FolderMessage::RecipeWanted {
                file,
                base: Some(file),
                from: 0,
            },
        ),
        (
            "recipe-told",
            FolderMessage::RecipeTold {
                file,
                from: 0,
                pieces: vec![Piece::Kept { first: 0, count: 1 }],
                more: false,
            },
        ),
        (
            "chunks",
            FolderMessage::ChunksWanted {
                file,
                chunks: vec![0],
            },
        ),
        (
            "missing",
            FolderMessage::ChunksMissing {
                file,
                chunks: vec![0],
            },
        ),
        ("holding", FolderMessage::Holding { file, chunks: held }),
        ("unknown", FolderMessage::Unknown),
        (
            "invite",
            FolderMessage::Invite {
                name: DisplayName::new("Plans"),
                roster: roster().encode(),
            },
        ),
    ]
}

/// A file, a folder with a file in it, and something that is gone.
fn records() -> Vec<sync_proto::Announced> {
    let seat = sync_proto::Seat::parse(1).expect("there is a second seat");
    let recipe = Recipe::of(b"content");
    let file = sync_proto::State::File(sync_proto::FileState {
        size_bytes: recipe.size_bytes(),
        modified: model::Timestamp {
            seconds: 5,
            nanoseconds: 6,
        },
        executable: true,
        digest: recipe.digest(),
    });
    let states = [
        ("a", file),
        ("d", sync_proto::State::Directory),
        ("d/b", file),
        ("gone", sync_proto::State::Deleted),
    ];
    let record = |(path, state)| sync_proto::Announced {
        path: FolderPath::parse(path).expect("a plain path"),
        record: sync_proto::Record {
            version: sync_proto::VersionVector::default().bumped(seat, 1_790_000_000_000),
            state,
            rival: None,
        },
    };
    states.into_iter().map(record).collect()
}

fn config() -> FolderConfig {
    FolderConfig {
        own: device(1).device_id(),
        roster: roster(),
        slots: Vec::new(),
        cursors: Vec::new(),
        index: 1,
        token: 2,
        settings: FolderSettings {
            direction: Direction::Both,
            folds_names: true,
            left_out: Vec::new(),
            rules: IgnoreRules::none(),
        },
    }
}

fn roster() -> FolderRoster {
    let mut roster = FolderRoster::found(&device(1), DisplayName::new("Ana"), [4; 16]);
    let keys = device(2).public();
    roster
        .grant(&device(1), keys, DisplayName::new("Ben"), Role::Change)
        .expect("the owner may add a member");
    roster
}

fn device(seed: u8) -> DeviceSecrets {
    DeviceSecrets::from_bytes(&[seed; 64])
}

// What a step of a script does.
const SAYS: u8 = 0;
const BRINGS: u8 = 1;
