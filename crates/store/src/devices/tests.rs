use super::*;
use crate::store::tests::{PAIRED_ON, TestHome, at, keys, new_contact};
use crate::{ContactKind, Store};
use model::PairSecret;

fn new_device(seed: u8, of: DeviceOf) -> NewDevice {
    NewDevice {
        keys: keys(seed),
        name: DisplayName::new(&format!("device {seed}")),
        chain: PairChain::start(&PairSecret([seed; 32]), PAIRED_ON),
        of,
        added_at: at(i64::from(seed)),
    }
}

fn ids(contacts: &[Contact]) -> Vec<ContactId> {
    contacts.iter().map(|contact| contact.id).collect()
}

fn person(store: &mut Store) -> (Contact, Contact) {
    let first = store.add_contact(new_contact("Mia", 1)).unwrap();
    let further = new_device(2, DeviceOf::Person(first.id));
    let further = store.add_device(further).unwrap().unwrap();
    (first, further)
}

#[test]
fn a_further_device_has_its_own_secret_and_its_persons_name_and_marks() {
    let mut home = TestHome::new();
    let mut store = home.open();
    let (first, further) = person(&mut store);
    store
        .rename_contact(first.id, &DisplayName::new("Maria"))
        .unwrap();
    store.set_muted(first.id, true).unwrap();
    store.set_blocked(first.id, true).unwrap();
    drop(store);
    let mut store = home.open();
    let kept = store.contact(further.id).unwrap().unwrap();
    assert_eq!((kept.person, kept.kind), (first.id, ContactKind::Device));
    assert_eq!(kept.name.as_str(), "Maria");
    assert_eq!(kept.device_name.as_str(), "device 2");
    assert!(kept.muted && kept.blocked);
    assert_ne!(kept.chain, first.chain);
    assert_eq!(
        ids(&store.devices_of(first.id).unwrap()),
        [first.id, further.id]
    );
    let by_name = store.find_contact_by_name("Maria").unwrap().unwrap();
    assert_eq!(by_name.id, first.id);

    let again = store.add_device(new_device(2, DeviceOf::Us)).unwrap();
    assert_eq!(again, None, "a device belongs to one person");
    store.remove_contact(first.id).unwrap();
    assert_eq!(store.contact(further.id).unwrap(), None);
}

#[test]
fn a_promoted_device_takes_the_place_of_the_first_one() {
    let mut home = TestHome::new();
    let mut store = home.open();
    let (first, further) = person(&mut store);
    store.set_roster(first.id, b"signed").unwrap();
    store.queue_notice(first.id, b"for the first").unwrap();
    store.queue_notice(further.id, b"for the further").unwrap();
    let given = store.next_outgoing_counter(further.id).unwrap();
    store.promote_device(further.id).unwrap();

    let kept = store.contact(first.id).unwrap().unwrap();
    assert_eq!((kept.keys, &kept.chain), (further.keys, &further.chain));
    assert_eq!(kept.name.as_str(), "Mia");
    assert_eq!(store.contact(further.id).unwrap(), None);
    assert!(store.next_outgoing_counter(first.id).unwrap() > given);
    let notices = store.notices(first.id, 9).unwrap();
    let bodies: Vec<_> = notices.into_iter().map(|(_, body)| body).collect();
    assert_eq!(bodies, [b"for the further"]);
    assert_eq!(store.roster(first.id).unwrap().unwrap(), b"signed");
}

#[test]
fn own_devices_are_no_contacts_and_have_names_of_their_own() {
    let mut home = TestHome::new();
    let mut store = home.open();
    store.identity().unwrap();
    let mia = store.add_contact(new_contact("device 3", 1)).unwrap();
    let own = store
        .add_device(new_device(3, DeviceOf::Us))
        .unwrap()
        .unwrap();
    assert_eq!(own.kind, ContactKind::Own);
    assert_eq!(own.name.as_str(), "device 3 (2)");
    assert_eq!(ids(&store.own_devices().unwrap()), [own.id]);
    assert_eq!(ids(&store.devices_of(mia.id).unwrap()), [mia.id]);
    assert_eq!(store.own_roster().unwrap(), None);
    store.set_own_roster(b"signed").unwrap();
    assert_eq!(store.own_roster().unwrap().unwrap(), b"signed");
}

#[test]
fn notices_stay_until_the_one_they_are_for_took_them_and_lie_there_sealed() {
    let mut home = TestHome::new();
    let mut store = home.open();
    let (first, further) = person(&mut store);
    for body in [
        b"a secret of thirty-two bytes, one",
        b"a secret of thirty-two bytes, two",
    ] {
        store.queue_notice(first.id, body).unwrap();
    }
    drop(store);
    assert!(!home.holds(b"a secret of thirty-two"));
    let mut store = home.open();
    let [(number, _)] = store.notices(first.id, 1).unwrap().try_into().unwrap();
    assert!(!store.drop_notice(further.id, number).unwrap());
    assert!(store.drop_notice(first.id, number).unwrap());
    assert!(!store.drop_notice(first.id, number).unwrap());
    assert!(store.has_notices(first.id).unwrap() && !store.has_notices(further.id).unwrap());
}
