use super::*;
use crate::contact::{CodeRole, CodeSession};
use crate::store::tests::{PAIRED_ON, TestHome, at, new_contact};
use model::{Digest, PairSecret};
use proptest::prelude::*;
use std::collections::BTreeSet;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn every_contact_gets_a_name_of_its_own(names in prop::collection::vec("[aAäé]{0,2}|[a-c]{126,130}|.{0,40}", 1..8)) {
        let mut home = TestHome::new();
        let mut store = home.open();
        for (seed, name) in (1u8..).zip(&names) {
            let added = store.add_contact(new_contact(name, seed)).unwrap();
            prop_assert!(added.name.as_str().len() <= model::limits::DISPLAY_NAME_BYTES);
            let found = store.find_contact_by_name(added.name.as_str()).unwrap();
            prop_assert_eq!(found.map(|contact| contact.id), Some(added.id));
        }
        let contacts = store.contacts().unwrap();
        let keys: BTreeSet<String> = contacts.iter().map(|c| name_key(&c.name)).collect();
        prop_assert_eq!(keys.len(), names.len());
        prop_assert!(!keys.contains(""));
    }

    #[test]
    fn counters_never_repeat_across_restarts(restarts in prop::collection::vec(0usize..2_100, 1..5)) {
        let mut home = TestHome::new();
        let id = home.open().add_contact(new_contact("Ana", 1)).unwrap().id;
        let mut last = 0;
        for draws in restarts {
            let mut store = home.open();
            for _ in 0..draws {
                let counter = store.next_outgoing_counter(id).unwrap();
                prop_assert!(counter > last);
                last = counter;
            }
        }
    }
}

#[test]
fn a_contact_survives_a_restart_exactly() {
    let mut home = TestHome::new();
    let added = home.open().add_contact(new_contact("Ana", 1)).unwrap();
    let store = home.open();
    assert_eq!(store.contact(added.id).unwrap(), Some(added.clone()));
    assert_eq!(store.contacts().unwrap(), std::slice::from_ref(&added));
    let device = added.device_id();
    let found = store.find_contact_by_device(&device).unwrap();
    assert_eq!(found, Some(added));
    assert_eq!(store.contact(ContactId([0; 16])).unwrap(), None);
}

#[test]
fn a_replaced_contact_keeps_its_name_and_shows_changed_keys_until_compared() {
    let mut home = TestHome::new();
    let mut store = home.open();
    let old = store.add_contact(new_contact("Ana", 1)).unwrap();
    store.set_verified(old.id, true).unwrap();
    let mut new = new_contact("somebody", 2);
    new.replaces = Some(old.id);
    new.verified = false;
    let replaced = store.add_contact(new.clone()).unwrap();
    assert_eq!((replaced.id, &replaced.name), (old.id, &old.name));
    assert_eq!(replaced.keys, new.keys);
    assert!(replaced.key_changed && !replaced.verified);
    assert_eq!(store.contact(old.id).unwrap(), Some(replaced));
    assert_eq!(
        store.find_contact_by_device(&old.device_id()).unwrap(),
        None
    );

    new.replaces = None;
    let again = store.add_contact(new).unwrap();
    assert!(
        again.key_changed,
        "pairing again without comparing changes nothing"
    );
    store.set_verified(old.id, true).unwrap();
    assert!(!store.contact(old.id).unwrap().unwrap().key_changed);
}

#[test]
fn a_name_that_is_taken_gets_a_number() {
    let mut home = TestHome::new();
    let mut store = home.open();
    let mut add = |name, seed| {
        let contact = store.add_contact(new_contact(name, seed)).unwrap();
        (contact.id, contact.name.as_str().to_owned())
    };
    assert_eq!(add("Ana", 1).1, "Ana");
    assert_eq!(add("ana", 2).1, "ana (2)");
    let (third, name) = add("ANA ", 3);
    assert_eq!(name, "ANA (3)");
    assert_eq!(add("", 4).1, "Unnamed device");

    let mut rename = |name| {
        store
            .rename_contact(third, &DisplayName::new(name))
            .unwrap()
    };
    assert_eq!(rename("ana (3)").as_str(), "ana (3)");
    assert_eq!(rename("Ana").as_str(), "Ana (3)");
    assert_eq!(rename("Ben").as_str(), "Ben");
    let found = store.find_contact_by_name("BEN").unwrap().unwrap();
    assert_eq!(found.id, third);
}

#[test]
fn a_device_that_pairs_anew_keeps_its_place_and_counts_on() {
    let mut home = TestHome::new();
    let mut store = home.open();
    let first = store.add_contact(new_contact("Ana", 1)).unwrap();
    store
        .rename_contact(first.id, &DisplayName::new("Sister"))
        .unwrap();
    store.set_blocked(first.id, true).unwrap();
    let counter = store.next_outgoing_counter(first.id).unwrap();
    store.take_envelope(first.id, 50, &Digest([0; 32])).unwrap();

    let mut anew = new_contact("Ana", 1);
    anew.chain = PairChain::start(&PairSecret([99; 32]), Day(PAIRED_ON.0 + 100));
    anew.verified = true;
    let second = store.add_contact(anew.clone()).unwrap();
    assert_eq!(store.contact(first.id).unwrap(), Some(second.clone()));
    assert_eq!(second.name.as_str(), "Sister");
    assert_eq!(second.chain, anew.chain);
    assert!(second.verified && !second.blocked);
    assert!(store.next_outgoing_counter(first.id).unwrap() > counter);
    assert_eq!(store.last_incoming_counter(first.id).unwrap(), 0);
    assert_eq!(store.contacts().unwrap().len(), 1);
}

#[test]
fn flags_are_kept_and_unknown_contacts_are_told() {
    let mut home = TestHome::new();
    let mut store = home.open();
    let id = store.add_contact(new_contact("Ana", 1)).unwrap().id;
    store.set_blocked(id, true).unwrap();
    store.set_verified(id, true).unwrap();
    let contact = store.contact(id).unwrap().unwrap();
    assert!(contact.blocked && contact.verified);

    let nobody = ContactId([0; 16]);
    let name = DisplayName::new("Ben");
    for result in [
        store.set_blocked(nobody, true),
        store.set_verified(nobody, true),
        store.remove_contact(nobody),
        store.confirm_day(nobody, Day(1)),
        store.take_envelope(nobody, 1, &Digest([0; 32])),
        store.next_outgoing_counter(nobody).map(drop),
        store.last_incoming_counter(nobody).map(drop),
        store.rename_contact(nobody, &name).map(drop),
    ] {
        assert!(matches!(result, Err(ContactError::Unknown)));
    }
}

#[test]
fn a_removed_contact_leaves_no_trace_of_its_secret() {
    let mut home = TestHome::new();
    let mut store = home.open();
    store.add_contact(new_contact("Ana", 1)).unwrap();
    let id = store.add_contact(new_contact("Ben", 2)).unwrap().id;
    let before = sealed_chain(&store, id);
    store.confirm_day(id, Day(PAIRED_ON.0 + 20)).unwrap();
    let after = sealed_chain(&store, id);
    assert!(!home.holds(&before), "the key of past days is overwritten");
    assert!(home.holds(&after));

    store.remove_contact(id).unwrap();
    assert!(!home.holds(&after));
    assert_eq!(store.contacts().unwrap().len(), 1);
    assert!(matches!(
        store.next_outgoing_counter(id),
        Err(ContactError::Unknown)
    ));
}

#[test]
fn a_confirmed_day_forgets_the_days_before() {
    let mut home = TestHome::new();
    let mut store = home.open();
    let contact = store.add_contact(new_contact("Ana", 1)).unwrap();
    let day = Day(PAIRED_ON.0 + 20);
    store.confirm_day(contact.id, day).unwrap();
    store.confirm_day(contact.id, PAIRED_ON).unwrap();
    drop(store);
    let kept = home.open().contact(contact.id).unwrap().unwrap();
    assert_eq!(kept.first_day(), Day(day.0 - 1));
    let mut expected = contact.chain;
    expected.confirm(day);
    assert_eq!(kept.chain, expected);
}

#[test]
fn the_incoming_counter_only_rises() {
    let mut home = TestHome::new();
    let mut store = home.open();
    let id = store.add_contact(new_contact("Ana", 1)).unwrap().id;
    for (given, kept) in [(0, 0), (7, 7), (3, 7), (u64::MAX, u64::MAX), (8, u64::MAX)] {
        store.take_envelope(id, given, &Digest([0; 32])).unwrap();
        assert_eq!(store.last_incoming_counter(id).unwrap(), kept);
    }
    drop(store);
    assert_eq!(home.open().last_incoming_counter(id).unwrap(), u64::MAX);
}

#[test]
fn a_code_session_is_found_by_its_code_and_is_no_contact() {
    let mut home = TestHome::new();
    let mut store = home.open();
    let code = Digest::of(b"7-lunar-basil");
    let session = store
        .add_contact(code_session("Ana", 1, code, CodeRole::Sender))
        .unwrap();
    let contact = store.add_contact(new_contact("Ana", 1)).unwrap();
    assert_eq!(contact.name.as_str(), "Ana");
    assert_ne!(contact.id, session.id);

    let find = |role| store.find_code_session(&code, role).unwrap();
    assert_eq!(find(CodeRole::Sender), Some(session.clone()));
    assert_eq!(find(CodeRole::Receiver), None);
    let by_device = store.find_contact_by_device(&contact.device_id()).unwrap();
    assert_eq!(by_device.map(|found| found.id), Some(contact.id));

    let again = store.add_contact(code_session("Ben", 2, code, CodeRole::Sender));
    assert!(matches!(again, Err(ContactError::CodeUsed)));
    assert_eq!(store.contacts().unwrap().len(), 2, "nothing half added");
    store
        .add_contact(code_session("Ben", 2, code, CodeRole::Receiver))
        .unwrap();
}

#[test]
fn a_code_session_expires_with_its_secret() {
    let mut home = TestHome::new();
    let mut store = home.open();
    let code = Digest::of(b"7-lunar-basil");
    let id = store
        .add_contact(code_session("Ana", 1, code, CodeRole::Sender))
        .unwrap()
        .id;
    store.add_contact(new_contact("Ben", 2)).unwrap();
    let sealed = sealed_chain(&store, id);
    assert_eq!(store.purge_code_sessions(at(4_999)).unwrap(), []);
    assert_eq!(store.purge_code_sessions(at(5_000)).unwrap(), [id]);
    assert_eq!(store.purge_code_sessions(at(5_000)).unwrap(), []);
    assert!(!home.holds(&sealed));
    assert_eq!(store.contacts().unwrap().len(), 1);
    let gone = store.find_code_session(&code, CodeRole::Sender).unwrap();
    assert_eq!(gone, None);
}

#[test]
fn a_chain_moved_to_another_contact_is_noticed() {
    let mut home = TestHome::new();
    let mut store = home.open();
    let [ana, ben] = [("Ana", 1), ("Ben", 2)]
        .map(|(name, seed)| store.add_contact(new_contact(name, seed)).unwrap().id);
    let stolen = sealed_chain(&store, ana);
    let sql = "UPDATE contacts SET sealed_chain = ?2 WHERE id = ?1";
    store.connection.execute(sql, (ben.0, stolen)).unwrap();
    assert!(matches!(
        store.contact(ben),
        Err(StoreError::Damaged { .. })
    ));
    assert!(store.contact(ana).is_ok());
}

fn code_session(name: &str, seed: u8, code: Digest, role: CodeRole) -> NewContact {
    NewContact {
        kind: ContactKind::CodeSession(CodeSession {
            role,
            code,
            expires_at: at(5_000),
        }),
        ..new_contact(name, seed)
    }
}

fn sealed_chain(store: &Store, id: ContactId) -> Vec<u8> {
    let sql = "SELECT sealed_chain FROM contacts WHERE id = ?1";
    store
        .connection
        .query_row(sql, [id.0], |row| row.get(0))
        .unwrap()
}

#[test]
fn what_was_said_of_relays_holds_for_a_person_until_it_is_taken_back() {
    let mut home = TestHome::new();
    let mut store = home.open();
    let contact = store.add_contact(new_contact("Ana", 1)).unwrap();
    assert_eq!(store.relay_wish(contact.id).unwrap(), None);
    for wish in [RelayWish::Only, RelayWish::Never, RelayWish::Automatic] {
        store.set_relay(contact.id, Some(wish)).unwrap();
        assert_eq!(store.relay_wish(contact.id).unwrap(), Some(wish));
    }
    store.set_relay(contact.id, None).unwrap();
    assert_eq!(store.relay_wish(contact.id).unwrap(), None);
    let nobody = ContactId([9; 16]);
    assert!(matches!(
        store.set_relay(nobody, None),
        Err(ContactError::Unknown)
    ));
}
