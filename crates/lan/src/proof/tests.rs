use proptest::prelude::*;

use super::*;
use crate::wire::OsEntropy;

/// The keys of contacts `numbers`, as this device and as each of them has them.
fn acquaintances(numbers: std::ops::Range<u16>) -> Vec<(Acquaintance, Acquaintance)> {
    let pairs = numbers.map(|number| {
        let [high, low] = number.to_be_bytes();
        let key = |direction: u8| {
            let mut key = [direction; 32];
            key[..2].copy_from_slice(&[high, low]);
            key
        };
        let one = |to_own, to_peer| Acquaintance {
            contact: ContactId([low; 16]),
            day: Day(21_000),
            to_own,
            to_peer,
        };
        (one(key(2), key(3)), one(key(3), key(2)))
    });
    pairs.collect()
}

fn call_id(nonce: u8, door: &str) -> CallId {
    CallId {
        nonce: [nonce; 32],
        ephemeral: [2; 32],
        door: door.parse().unwrap(),
        port: 7_421,
    }
}

proptest! {
    #[test]
    fn contacts_find_each_other_and_strangers_nobody(
        known in 1u16..40,
        whom in 0u16..40,
        nonce in any::<u8>(),
    ) {
        let pairs = acquaintances(0..known);
        let ours: Vec<_> = pairs.iter().map(|(ours, _)| ours.clone()).collect();
        let (_, theirs) = &pairs[usize::from(whom % known)];
        let stranger = acquaintances(500..501).remove(0).1;
        let call = call_id(nonce, "192.168.1.10:7421");
        let shown = tags(&call, &ours, &mut OsEntropy);

        let found = caller(&call, &shown, std::slice::from_ref(theirs));
        prop_assert!(found.is_some());
        let answered = answer(&call, found, &mut OsEntropy);
        let door_is = door(&call, &answered, &ours).map(|it| it.contact);
        prop_assert_eq!(door_is, Some(ours[usize::from(whom % known)].contact));

        prop_assert!(caller(&call, &shown, &[stranger]).is_none());
        let answered = answer(&call, None, &mut OsEntropy);
        prop_assert!(door(&call, &answered, &ours).is_none());
    }

    #[test]
    fn tags_of_another_call_prove_nothing(nonce in 1u8..=255, port in 1u16..=65_535) {
        let (ours, theirs) = acquaintances(7..8).remove(0);
        let call = call_id(0, "192.168.1.10:7421");
        let shown = tags(&call, std::slice::from_ref(&ours), &mut OsEntropy);
        let known = [theirs];
        prop_assert!(caller(&call, &shown, &known).is_some());
        let replayed = CallId { nonce: [nonce; 32], ..call };
        prop_assert!(caller(&replayed, &shown, &known).is_none());
        let elsewhere = CallId { port: call.port ^ port, ..call };
        prop_assert!(caller(&elsewhere, &shown, &known).is_none());
    }
}

#[test]
fn a_call_that_is_passed_on_proves_nothing() {
    let (ours, theirs) = acquaintances(7..8).remove(0);
    let at_the_middle = call_id(1, "192.168.1.66:7421");
    let shown = tags(&at_the_middle, std::slice::from_ref(&ours), &mut OsEntropy);
    for door in ["192.168.1.10:7421", "192.168.1.66:7422", "[fd00::66]:7421"] {
        let passed_on = call_id(1, door);
        assert!(caller(&passed_on, &shown, std::slice::from_ref(&theirs)).is_none());
    }
    let mapped = call_id(1, "[::ffff:192.168.1.66]:7421");
    assert!(caller(&mapped, &shown, std::slice::from_ref(&theirs)).is_some());
}

#[test]
fn a_caller_cannot_answer_itself_with_its_own_tags() {
    let (ours, _) = acquaintances(7..8).remove(0);
    let call = call_id(1, "192.168.1.10:7421");
    let known = [ours];
    for shown in tags(&call, &known, &mut OsEntropy) {
        assert!(door(&call, &shown, &known).is_none());
    }
}

#[test]
fn the_number_of_tags_tells_little_of_the_number_of_contacts() {
    let call = call_id(1, "192.168.1.10:7421");
    for (contacts, shown) in [
        (0, 16),
        (1, 16),
        (16, 16),
        (17, 64),
        (65, 256),
        (256, 256),
        (300, 256),
    ] {
        let pairs = acquaintances(0..contacts);
        let ours: Vec<_> = pairs.into_iter().map(|(ours, _)| ours).collect();
        assert_eq!(
            tags(&call, &ours, &mut OsEntropy).len(),
            shown,
            "{contacts}"
        );
    }
}
