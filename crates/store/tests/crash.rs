//! A process is killed in the middle of its work, again and again, and nothing it was told is lost.
//!
//! The child does random operations and tells each on its standard output *after* the store returned.
//! The parent kills it (SIGKILL) after some of these lines, opens the home itself and compares.

#![expect(clippy::unwrap_used, reason = "parent and child are both tests")]

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader, Lines, Write};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::Duration;

use model::{
    ContactId, Day, DeviceSecrets, Digest, DisplayName, Entropy, PairChain, PairSecret, Timestamp,
    TransferId,
};
use store::{
    ContactError, ContactKind, Home, NewContact, SecretPlace, Store, TransferDirection,
    TransferRecord, TransferState, TransferSummary,
};

#[test]
fn a_killed_process_loses_nothing_and_repeats_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let mut told = Told::default();
    let mut entropy = System;
    for round in 0..ROUNDS {
        let lines = 1 + u32::from_be_bytes(entropy.draw()) % 60;
        run_child(folder.path(), lines, &mut told);
        check(folder.path(), &mut told, round);
    }
    assert!(!told.counters.is_empty() && !told.completed.is_empty());
}

#[test]
fn a_home_whose_maker_was_killed_can_be_used() {
    for _ in 0..ROUNDS {
        let folder = tempfile::tempdir().unwrap();
        let mut told = Told::default();
        let [wait] = System.draw();
        let mut child = spawn_child(folder.path());
        std::thread::sleep(Duration::from_micros(u64::from(wait) * 60));
        end_child(&mut child, &mut told);
        check(folder.path(), &mut told, 0);
        let home = Home::open(folder.path()).unwrap();
        open(&home).identity().unwrap();
    }
}

/// What the killed processes said they did.
#[derive(Default)]
struct Told {
    identity: Option<String>,
    contacts: BTreeSet<ContactId>,
    removed: BTreeSet<ContactId>,
    counters: BTreeMap<ContactId, u64>,
    incoming: BTreeMap<ContactId, u64>,
    added: BTreeSet<TransferId>,
    intents: BTreeMap<TransferId, u64>,
    completed: BTreeSet<TransferId>,
}

impl Told {
    fn note(&mut self, line: &str) {
        let words: Vec<&str> = line.split(' ').collect();
        let number = || words[2].parse::<u64>().unwrap();
        match words[0] {
            "identity" => {
                let before = self.identity.get_or_insert(words[1].to_owned());
                assert_eq!(before, words[1], "one home is one device");
            }
            "contact" => drop(self.contacts.insert(words[1].parse().unwrap())),
            "removed" => drop(self.removed.insert(words[1].parse().unwrap())),
            "counter" => {
                let last = self.counters.insert(words[1].parse().unwrap(), number());
                assert!(last < Some(number()), "counter {} repeats", number());
            }
            "incoming" => drop(self.incoming.insert(words[1].parse().unwrap(), number())),
            "added" => drop(self.added.insert(words[1].parse().unwrap())),
            "intent" => *self.intents.entry(words[1].parse().unwrap()).or_default() += 1,
            "completed" => drop(self.completed.insert(words[1].parse().unwrap())),
            other => panic!("the child said {other}"),
        }
    }
}

fn run_child(folder: &Path, lines: u32, told: &mut Told) {
    let mut child = spawn_child(folder);
    let said = child.said.by_ref().map(Result::unwrap);
    let facts = said.filter_map(fact);
    for line in facts.take(usize::try_from(lines).unwrap()) {
        told.note(&line);
    }
    end_child(&mut child, told);
}

struct RunningChild {
    process: Child,
    said: Lines<BufReader<ChildStdout>>,
}

fn spawn_child(folder: &Path) -> RunningChild {
    let mut process = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "child", "--ignored", "--nocapture"])
        .env("WHERRY_TEST_HOME", folder)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let said = BufReader::new(process.stdout.take().unwrap()).lines();
    RunningChild { process, said }
}

/// Kills the child; what it managed to say until its death counts too.
fn end_child(child: &mut RunningChild, told: &mut Told) {
    child.process.kill().unwrap();
    let rest = child.said.by_ref().map(Result::unwrap);
    rest.filter_map(fact).for_each(|line| told.note(&line));
    let status = child.process.wait().unwrap();
    assert!(!status.success(), "it was killed, it did not end by itself");
}

/// A line of the child, without what the test harness prints around it.
fn fact(line: String) -> Option<String> {
    let start = line.find(MARK)?;
    let end = line.rfind(END)?;
    Some(line[start + MARK.len()..end].to_owned())
}

fn check(folder: &Path, told: &mut Told, round: u32) {
    let home = Home::open(folder).unwrap();
    let _lock = home.lock().unwrap();
    let mut store = open(&home);
    if let Some(identity) = &told.identity {
        let found = store.identity().unwrap().device_id();
        assert_eq!(found.to_string(), *identity);
    }
    check_contacts(&mut store, told);
    for id in &told.added {
        let record = store.transfer(*id).unwrap().unwrap();
        let completed = record.state == TransferState::Completed;
        let finished = store.finished_transfer(*id).unwrap();
        assert_eq!(completed, finished.is_some(), "the end is in both places");
        assert!(completed || !told.completed.contains(id), "round {round}");
        let intents = store.intents(*id).unwrap();
        let expected = told.intents.get(id).copied().unwrap_or_default();
        assert!(completed || intents.len() as u64 >= expected);
        assert!(!completed || intents.is_empty());
    }
}

fn check_contacts(store: &mut Store, told: &mut Told) {
    for id in &told.contacts {
        let found = store.contact(*id).unwrap();
        if told.removed.contains(id) {
            assert_eq!(found, None, "what was removed stays removed");
        }
        if found.is_none() {
            continue; // Removed just before the kill, too late to tell.
        }
        let incoming = store.last_incoming_counter(*id).unwrap();
        assert!(incoming >= told.incoming.get(id).copied().unwrap_or_default());
        let next = store.next_outgoing_counter(*id).unwrap();
        let last = told.counters.insert(*id, next);
        assert!(last < Some(next), "the next counter is new");
    }
}

#[test]
#[ignore = "runs as the child that is killed"]
fn child() {
    let Some(folder) = std::env::var_os("WHERRY_TEST_HOME") else {
        return;
    };
    let home = Home::open(Path::new(&folder)).unwrap();
    let _lock = home.lock().unwrap();
    let mut store = open(&home);
    let identity = store.identity().unwrap().device_id();
    tell(&format!("identity {identity}"));
    // Ends only if the parent forgets to kill it.
    for _ in 0..100_000 {
        act(&mut store);
    }
}

fn act(store: &mut Store) {
    let mut entropy = System;
    let [choice, number] = entropy.draw();
    let contacts = store.contacts().unwrap();
    let transfers = store.unfinished_transfers().unwrap();
    let contact = contacts.get(usize::from(number) % contacts.len().max(1));
    let transfer = transfers.get(usize::from(number) % transfers.len().max(1));
    match (choice % 12, contact, transfer) {
        (0, _, _) | (_, None, _) => {
            let id = store.add_contact(new_contact(&mut entropy)).unwrap().id;
            tell(&format!("contact {id}"));
        }
        (1, Some(contact), _) if contacts.len() > 3 => {
            store.remove_contact(contact.id).unwrap();
            tell(&format!("removed {}", contact.id));
            let gone = store.next_outgoing_counter(contact.id);
            assert!(matches!(gone, Err(ContactError::Unknown)));
        }
        (2, Some(contact), _) => {
            let day = Day(21_000 + u32::from(number));
            store.confirm_day(contact.id, day).unwrap();
        }
        (3..=4, Some(contact), _) => {
            let next = store.last_incoming_counter(contact.id).unwrap() + 1;
            store
                .take_envelope(contact.id, next, &Digest([0; 32]))
                .unwrap();
            tell(&format!("incoming {} {next}", contact.id));
        }
        (5..=7, Some(contact), _) => {
            let counter = store.next_outgoing_counter(contact.id).unwrap();
            tell(&format!("counter {} {counter}", contact.id));
        }
        (8, _, Some(transfer)) => {
            let digest = Digest(entropy.draw());
            store.complete_transfer(transfer.id, &digest, NOW).unwrap();
            tell(&format!("completed {}", transfer.id));
        }
        (9..=10, _, Some(transfer)) => {
            let intent = entropy.draw::<40>().to_vec();
            store.record_intents(transfer.id, &[intent]).unwrap();
            tell(&format!("intent {}", transfer.id));
        }
        (_, Some(contact), _) => {
            let record = new_transfer(contact.id, &mut entropy);
            store.add_transfer(&record).unwrap();
            tell(&format!("added {}", record.id));
        }
    }
}

fn new_contact(entropy: &mut System) -> NewContact {
    NewContact {
        name: DisplayName::new("Ana"),
        keys: DeviceSecrets::generate(entropy).public(),
        chain: PairChain::start(&PairSecret(entropy.draw()), Day(21_000)),
        verified: true,
        kind: ContactKind::Contact,
        replaces: None,
        added_at: NOW,
    }
}

fn new_transfer(contact: ContactId, entropy: &mut System) -> TransferRecord {
    TransferRecord {
        id: TransferId(entropy.draw()),
        contact,
        peer_name: DisplayName::new("Ana"),
        direction: TransferDirection::Receive { destination: None },
        state: TransferState::Active,
        summary: TransferSummary {
            name: DisplayName::new("trip.mov"),
            entries: 1,
            files: 1,
            bytes: 5,
            stream: false,
            text: false,
        },
        token: None,
        created_at: NOW,
        finished_at: None,
        digest: None,
        resent_bytes: 0,
    }
}

/// One write, so that a line is whole or missing.
fn tell(line: &str) {
    let line = format!("{MARK}{line}{END}\n");
    std::io::stdout().write_all(line.as_bytes()).unwrap();
}

fn open(home: &Home) -> Store {
    Store::open(home, SecretPlace::File, Box::new(System)).unwrap()
}

/// The operating system's random bytes: every round is another one.
struct System;

impl Entropy for System {
    fn fill(&mut self, bytes: &mut [u8]) {
        getrandom::fill(bytes).unwrap();
    }
}

const ROUNDS: u32 = 24;
const MARK: &str = "<<";
const END: &str = ">>";
const NOW: Timestamp = Timestamp {
    seconds: 1_800_000_000,
    nanoseconds: 0,
};
