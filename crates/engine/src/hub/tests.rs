#![expect(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "the tests look at what lies on the disk"
)]

use std::path::Path;
use std::time::Duration;

use model::limits::ABANDONED_TRANSFER_TIME;
use model::{DisplayName, Timestamp, TransferId};
use store::{TransferRecord, TransferSummary};
use vfs::sink::Sink;

use super::*;

const STAGED: TransferId = TransferId([3; 16]);
const CONTACT: ContactId = ContactId([7; 16]);

/// A hub on a home of its own, which nobody drives but the test.
pub(super) struct Bench {
    pub(super) hub: Hub,
    pub(super) folder: tempfile::TempDir,
    _messages: mpsc::Receiver<HubMessage>,
    _tasks: JoinSet<()>,
}

impl Bench {
    pub(super) fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let home = Home::open(&folder.path().join("home")).expect("a home");
        let mut tasks = JoinSet::new();
        let shutdown = CancellationToken::new();
        let assembled = assemble(home, EngineConfig::default(), &mut tasks, shutdown);
        let (hub, messages) = assembled.expect("a hub");
        Self {
            hub,
            folder,
            _messages: messages,
            _tasks: tasks,
        }
    }
}

fn ago(time: Duration) -> Timestamp {
    let now = crate::clock::timestamp();
    let seconds = i64::try_from(time.as_secs()).expect("short");
    Timestamp {
        seconds: now.seconds - seconds,
        ..now
    }
}

fn unfinished(folder: &Path, created_at: Timestamp) -> TransferRecord {
    TransferRecord {
        id: STAGED,
        contact: CONTACT,
        peer_name: DisplayName::new("Ana"),
        direction: store::TransferDirection::Receive {
            destination: Some(folder.to_owned()),
        },
        state: store::TransferState::Active,
        summary: TransferSummary {
            name: DisplayName::new("trip.mov"),
            entries: 1,
            files: 1,
            bytes: 5,
            stream: false,
            text: false,
        },
        token: None,
        created_at,
        finished_at: None,
        digest: None,
        resent_bytes: 0,
    }
}

fn names(folder: &Path) -> usize {
    std::fs::read_dir(folder).expect("a folder").count()
}

/// Makes the journal of what is staged as old as that.
fn age(folder: &Path, time: Duration) {
    let staged = std::fs::read_dir(folder).expect("a folder").next();
    let staged = staged.expect("something is staged").expect("readable");
    let journal = std::fs::File::options()
        .append(true)
        .open(staged.path().join("journal"))
        .expect("a journal");
    let then = std::time::SystemTime::now() - time;
    journal.set_modified(then).expect("it is ours");
}

#[tokio::test]
async fn what_nobody_went_on_with_is_removed_after_its_time() {
    let mut bench = Bench::new();
    let folder = bench.folder.path().join("into");
    let old = ABANDONED_TRANSFER_TIME + Duration::from_secs(60);
    let record = unfinished(&folder, ago(old));
    bench.hub.store.add_transfer(&record).expect("kept");
    let sink = Sink::open(&folder, true).expect("a destination");
    drop(sink.stage(STAGED).expect("staged"));

    bench.hub.forget_the_old();
    assert_eq!(names(&folder), 1, "something was stored just now");
    let state = |hub: &Hub| {
        hub.store
            .transfer(STAGED)
            .expect("readable")
            .expect("kept")
            .state
    };
    assert_eq!(state(&bench.hub), store::TransferState::Active);

    age(&folder, old);
    bench.hub.forget_the_old();
    assert_eq!(names(&folder), 0, "nothing is left of it");
    assert_eq!(state(&bench.hub), store::TransferState::Cancelled);
}

#[tokio::test]
async fn what_an_ended_transfer_left_is_removed() {
    let mut bench = Bench::new();
    let folder = bench.folder.path().join("into");
    let record = unfinished(&folder, ago(Duration::ZERO));
    bench.hub.store.add_transfer(&record).expect("kept");
    let failed = store::TransferState::Failed {
        code: "destination_unwritable".into(),
    };
    let now = crate::clock::timestamp();
    bench
        .hub
        .store
        .set_transfer_state(STAGED, &failed, now)
        .expect("kept");
    let sink = Sink::open(&folder, true).expect("a destination");
    drop(sink.stage(STAGED).expect("staged"));
    std::fs::write(folder.join("mine"), b"mine").expect("the disk works");
    bench.hub.forget_the_old();
    assert_eq!(names(&folder), 1, "only what is not ours");
}
