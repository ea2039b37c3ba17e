//! A member with real keys and no manners: it is contained, people are told, and nothing of anybody's is lost.
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "it waits for one message and passes over every other one"
)]

use std::time::{SystemTime, UNIX_EPOCH};

use e2e::hostile::{HostileSession, Intruder, befriend, hostile_names};
use e2e::visible_names;
use model::{DeviceSecrets, Digest, DisplayName, FolderId, Timestamp, wire};
use sync_proto::{
    AddressedToFolder, Announced, FileState, FolderHello, FolderMessage, FolderPath, FolderRoster,
    IndexPage, PiecePacker, Recipe, Record, Seat, State, VersionVector,
};

use crate::team::Team;

/// Ana and Ben share a folder, and Ana lets somebody in who should not be.
struct Stage {
    team: Team,
    intruder: Intruder,
    roster: FolderRoster,
    /// In which it was invited, until it enters.
    session: Option<HostileSession>,
}

/// The intruder in a session with Ana, as a member whose index she asked for.
struct Inside {
    session: HostileSession,
    folder: FolderId,
    /// What opens bulk messages to Ana.
    token: u64,
}

impl Stage {
    fn set(files: usize) -> Self {
        let mut team = Team::of(&["ana", "ben"]);
        for number in 0..files {
            team.mates[0].write(&format!("{number}.txt"), &format!("content {number}"));
        }
        team.converge(|mate| mate.tree().len() == files);
        let mut intruder = Intruder::new(&team.url());
        let mut friend = befriend(&mut intruder, &team.mates[0].device);
        // Before Ana has a reason to call it herself.
        let mut session = intruder.offer(&mut friend, |_| {}).expect("a contact may");
        team.share(&["--with", "intruder"]);
        let invitation = session.hear_of_folder(|said| match &said.message {
            FolderMessage::Invite { roster, .. } => Some((said.folder, roster.clone())),
            _ => None,
        });
        let (folder, roster) = invitation.expect("it is invited");
        let roster = FolderRoster::decode(&roster, folder).expect("Ana signed it");
        Self {
            team,
            intruder,
            roster,
            session: Some(session),
        }
    }

    fn enter(&mut self) -> Inside {
        let mut session = self.session.take().expect("it enters once");
        let folder = self.roster.folder();
        session.say_to_folder(folder, self.hello());
        let token = session.hear_of_folder(|said| match &said.message {
            FolderMessage::Hello(hello) => Some(hello.token),
            _ => None,
        });
        let asked = session.hear_of_folder(|said| {
            matches!(said.message, FolderMessage::IndexWanted { .. }).then_some(())
        });
        asked.expect("she asks a member what it holds");
        Inside {
            session,
            folder,
            token: token.expect("she greets a member"),
        }
    }

    /// It never says the same index twice, so that Ana always asks from the start.
    fn hello(&self) -> FolderMessage {
        FolderMessage::Hello(FolderHello {
            roster: self.roster.digest(),
            index: now_ms(),
            folds_names: false,
            token: 8,
        })
    }

    fn seat(&self) -> Seat {
        let own = self.intruder.secrets().device_id();
        self.roster.seat_of(&own).expect("it is a member")
    }

    /// A change by the intruder on top of what everybody held.
    fn record(&self, state: State) -> Record {
        Record {
            version: VersionVector::default().bumped(self.seat(), now_ms()),
            state,
            rival: None,
        }
    }

    /// Ana and Ben hold all they held, and go on sharing.
    fn is_unharmed(&self, files: usize, mark: &str) {
        self.team.mates[1].write(mark, "still sharing");
        let is_there = |number| {
            let content = format!("content {number}");
            move |it: &crate::team::Mate| it.read(&format!("{number}.txt")) == Some(content.clone())
        };
        self.team.converge(|mate| mate.read(mark).is_some());
        for mate in &self.team.mates {
            assert!((0..files).all(|number| is_there(number)(mate)), "{mark}");
        }
    }
}

impl Inside {
    fn say(&self, message: FolderMessage) {
        self.session.say_to_folder(self.folder, message);
    }

    fn announce(&self, records: Vec<(&str, Record)>) {
        let through = records.len() as u64;
        let records = records.into_iter().map(|(path, record)| Announced {
            path: FolderPath::parse(path).expect("a path"),
            record,
        });
        self.say(FolderMessage::IndexTold(IndexPage {
            after: 0,
            records: records.collect(),
            through,
            more: false,
        }));
    }

    /// What Ana asks for next, or `None` if she ended the session.
    fn asked(&mut self) -> Option<(Digest, Vec<u32>)> {
        self.session.hear_of_folder(|said| match &said.message {
            FolderMessage::ChunksWanted { file, chunks } => Some((*file, chunks.clone())),
            _ => None,
        })
    }
}

fn now_ms() -> u64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    let now = now.expect("it is later than 1970").as_millis();
    u64::try_from(now).expect("it is our time")
}

fn file(content: &[u8]) -> FileState {
    FileState {
        size_bytes: content.len() as u64,
        modified: Timestamp {
            seconds: 1_777_816_920,
            nanoseconds: 0,
        },
        executable: false,
        digest: Recipe::of(content).digest(),
    }
}

#[test]
fn a_forged_index_is_sent_away_and_a_foreign_folder_is_unknown() {
    let mut stage = Stage::set(3);
    let mut inside = stage.enter();
    let keys = DeviceSecrets::from_bytes(&[7; 64]);
    let foreign = FolderRoster::found(&keys, DisplayName::new("x"), [9; 16]).folder();
    inside.session.say_to_folder(foreign, stage.hello());
    let answer = inside.session.hear_of_folder(|said| {
        let is_it = said.folder == foreign;
        is_it.then(|| said.message.clone())
    });
    assert_eq!(answer, Some(FolderMessage::Unknown));
    let nobody = Seat::parse(99).expect("a seat");
    let forged = Record {
        version: VersionVector::default().bumped(nobody, now_ms()),
        ..stage.record(State::Deleted)
    };
    inside.announce(vec![("0.txt", forged)]);
    inside.session.ended();
    stage.is_unharmed(3, "after the forgery");
}

#[test]
fn a_forged_roster_is_sent_away() {
    let mut stage = Stage::set(3);
    let mut inside = stage.enter();
    let own = stage.intruder.secrets();
    let own = FolderRoster::found(own, DisplayName::new("Ana"), [9; 16]);
    inside.say(FolderMessage::Roster(own.encode()));
    inside.session.ended();
    stage.is_unharmed(3, "after the forgery");
}

#[test]
fn a_member_that_brings_other_bytes_than_it_announced_brings_nothing_and_is_sent_away() {
    let mut stage = Stage::set(3);
    let mut inside = stage.enter();
    // More than the damage that may happen by chance.
    let names: Vec<String> = (0..20).map(|number| format!("evil {number}")).collect();
    let records = names.iter().map(|name| {
        let record = stage.record(State::File(file(name.as_bytes())));
        (name.as_str(), record)
    });
    let mine = stage.record(State::File(file(names[0].as_bytes())));
    inside.announce(records.chain([("0.txt", mine)]).collect());
    while let Some((file, chunks)) = inside.asked() {
        for chunk in chunks {
            let mut packer = PiecePacker::new(inside.token);
            packer.push(&file, chunk, b"wrong", |_| {});
            let message = packer.flush().expect("there is data");
            inside.session.send_bulk(message);
        }
    }
    stage.is_unharmed(3, "after the lies");
    for mate in &stage.team.mates {
        assert_eq!(mate.tree().len(), 4);
    }
}

#[test]
fn a_member_that_deletes_everything_deletes_nothing_that_a_person_keeps() {
    let mut stage = Stage::set(20);
    let inside = stage.enter();
    let names: Vec<String> = (0..20).map(|number| format!("{number}.txt")).collect();
    // It has seen what they hold.
    let seen = |stage: &Stage| {
        let version = VersionVector::default().bumped(Seat::OWNER, now_ms());
        Record {
            version: version.bumped(stage.seat(), now_ms()),
            ..stage.record(State::Deleted)
        }
    };
    inside.announce(names.iter().map(|it| (it.as_str(), seen(&stage))).collect());
    let running = stage.team.mates[0].running.as_mut().expect("it runs");
    running
        .wait_until(|event| event["what"] == "many_deletions")
        .expect("Ana is asked");
    stage.team.mates[0].ask(&["deletions", "shared", "refuse"]);
    stage.is_unharmed(20, "after the deletions");
}

#[test]
fn no_name_of_the_corpus_leaves_a_shared_folder() {
    let mut stage = Stage::set(3);
    let around = stage.team.mates[0].device.path(".");
    let before = visible_names(&around);
    let mut inside = stage.enter();
    let record = stage.record(State::Directory);
    // An enum on the wire is its variant's number: an index that is told.
    let told = |path: &[Vec<u8>]| {
        let records = vec![(path.join(&b'/'), record.clone())];
        wire::encode(&(inside.folder, 5u32, (0u64, records, 1u64, false)))
    };
    let corpus = hostile_names().into_iter();
    let refused = corpus.filter(|row| row.fate == "refused");
    let paths: Vec<_> = refused.flat_map(|row| row.paths).collect();
    let is_taken = |path: &&Vec<Vec<u8>>| AddressedToFolder::decode(&told(path)).is_ok();
    let taken: Vec<_> = paths.iter().filter(is_taken).collect();
    assert!(
        paths.len() - taken.len() >= 50,
        "{} of {}",
        taken.len(),
        paths.len()
    );
    // A slash within a name is a folder here; nothing else is taken.
    for path in taken {
        let text = String::from_utf8(path.join(&b'/')).expect("it is text");
        assert!(
            text.split('/').all(|name| !["", ".", ".."].contains(&name)),
            "{text}"
        );
    }
    let outside = vec![b"..".to_vec(), b"secret.txt".to_vec()];
    let bytes = told(&outside);
    inside.session.say_to_folder_raw(bytes);
    inside.session.ended();
    stage.is_unharmed(3, "after the names");
    assert_eq!(stage.team.mates[0].tree().len(), 4);
    assert_eq!(visible_names(&around), before);
}

#[test]
fn a_removed_member_that_replays_an_old_roster_learns_and_changes_nothing() {
    let mut stage = Stage::set(3);
    let Inside {
        mut session,
        folder,
        ..
    } = stage.enter();
    stage.team.mates[0].ask(&["remove", "shared", "--member", "intruder"]);
    let removal = session.hear_of_folder(|said| match &said.message {
        FolderMessage::Roster(roster) => FolderRoster::decode(roster, folder).ok(),
        _ => None,
    });
    let removal = removal.expect("it is told at once");
    assert_eq!(removal.seat_of(&stage.intruder.secrets().device_id()), None);
    session.say_to_folder(folder, FolderMessage::Roster(stage.roster.encode()));
    session.say_to_folder(folder, stage.hello());
    session.say_to_folder(folder, FolderMessage::IndexWanted { after: 0 });
    session.say_to_folder(
        folder,
        FolderMessage::IndexTold(IndexPage {
            after: 0,
            records: vec![Announced {
                path: FolderPath::parse("0.txt").expect("a path"),
                record: stage.record(State::Deleted),
            }],
            through: 1,
            more: false,
        }),
    );
    stage.is_unharmed(3, "after the replay");
    let unknown = session.hear_of_folder(|said| {
        assert!(!matches!(said.message, FolderMessage::IndexTold(_)));
        matches!(said.message, FolderMessage::Unknown).then_some(())
    });
    assert!(unknown.is_some(), "it is told that it is nobody");
    assert_eq!(session.words_of_folders(), []);
}
