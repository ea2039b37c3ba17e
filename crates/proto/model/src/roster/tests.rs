use super::*;
use proptest::prelude::*;

fn device(seed: u8) -> DeviceSecrets {
    DeviceSecrets::from_bytes(&[seed; 64])
}

fn name(seed: u8) -> DisplayName {
    DisplayName::new(&format!("device {seed}"))
}

/// The roster of device 1 with devices 2 to `last`, each added by the one before.
fn roster(last: u8) -> Roster {
    let mut roster = Roster::found(&device(1), name(1));
    for seed in 2..=last {
        let keys = device(seed).public();
        roster.add(&device(seed - 1), keys, name(seed)).unwrap();
    }
    roster
}

fn ids(roster: &Roster) -> Vec<DeviceId> {
    let devices = roster.devices();
    devices.map(|device| device.keys.device_id()).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn what_devices_of_a_person_sign_is_read_back_and_only_that(
        steps in prop::collection::vec((1u8..8, 1u8..8, any::<bool>()), 0..24),
    ) {
        let mut roster = roster(1);
        for (by, whom, adds) in steps {
            let before = roster.clone();
            let by_member = roster.device(&device(by).device_id()).is_some();
            let result = match adds {
                true => roster.add(&device(by), device(whom).public(), name(whom)),
                false => roster.revoke(&device(by), device(whom).device_id()),
            };
            prop_assert!(by_member || result == Err(RosterError::NotADevice));
            match result {
                Ok(()) => {
                    prop_assert!(roster.supersedes(&before));
                    prop_assert!(!before.supersedes(&roster));
                }
                Err(_) => prop_assert_eq!(&roster, &before),
            }
            prop_assert!(roster.devices().count() >= 1);
        }
        prop_assert_eq!(Roster::decode(&roster.encode()), Ok(roster));
    }

    #[test]
    fn a_changed_byte_anywhere_is_refused(place in any::<prop::sample::Index>(), flip in 1u8..) {
        let honest = roster(4);
        let mut bytes = honest.encode();
        let place = place.index(bytes.len());
        bytes[place] ^= flip;
        // A changed name may be cleaned into the one that was signed; nothing else passes.
        if let Ok(read) = Roster::decode(&bytes) {
            prop_assert_eq!(read, honest);
        }
    }

    #[test]
    fn any_bytes_are_judged_without_panic(bytes in prop::collection::vec(any::<u8>(), 0..600)) {
        prop_assert!(Roster::decode(&bytes).is_err());
    }

    #[test]
    fn everybody_decides_alike_between_two_changes_made_apart(
        one in (1u8..4, 2u8..7, any::<bool>()), other in (1u8..4, 2u8..7, any::<bool>()),
    ) {
        let apart = |(by, whom, adds): (u8, u8, bool)| {
            let mut roster = roster(3);
            match adds {
                true => roster.add(&device(by), device(whom).public(), name(whom)),
                false => roster.revoke(&device(by), device(whom).device_id()),
            }
            .map(|()| roster)
        };
        let (Ok(a), Ok(b)) = (apart(one), apart(other)) else {
            return Ok(());
        };
        let mutual = !one.2 && !other.2 && one.1 == other.0 && other.1 == one.0;
        if a == b || mutual {
            prop_assert!(!a.supersedes(&b) && !b.supersedes(&a));
        } else {
            prop_assert_ne!(a.supersedes(&b), b.supersedes(&a));
        }
    }
}

#[test]
fn a_person_has_sixteen_devices_and_not_one_more() {
    let sixteen = u8::try_from(DEVICES_PER_PERSON).unwrap();
    let mut full = roster(sixteen);
    let next = device(sixteen + 1);
    let refused = full.add(&device(1), next.public(), name(17));
    assert_eq!(refused, Err(RosterError::TooMany));
    full.revoke(&device(1), device(2).device_id()).unwrap();
    full.add(&device(1), next.public(), name(17)).unwrap();
    assert_eq!(full.devices().count(), DEVICES_PER_PERSON);
}

#[test]
fn a_roster_holds_as_many_changes_as_its_limit_and_fits_its_bytes() {
    let longest = DisplayName::new(&"ä".repeat(64));
    let mut roster = Roster::found(&device(1), longest.clone());
    let mut seed = 1u8;
    while roster.changes.len() + 2 <= ROSTER_CHANGES {
        seed += 1;
        let added = device(seed);
        roster
            .add(&device(1), added.public(), longest.clone())
            .unwrap();
        roster.revoke(&device(1), added.device_id()).unwrap();
    }
    roster
        .add(&device(1), device(250).public(), longest.clone())
        .unwrap();
    let one_more = roster.add(&device(1), device(251).public(), longest);
    assert_eq!(one_more, Err(RosterError::TooMany));
    assert!(roster.encode().len() <= ROSTER_BYTES);
    assert_eq!(Roster::decode(&roster.encode()), Ok(roster));
    let long = vec![0; ROSTER_BYTES + 1];
    assert_eq!(Roster::decode(&long), Err(RosterError::Malformed));
}

#[test]
fn a_revoked_device_signs_nothing_more_and_never_comes_back() {
    let mut roster = roster(3);
    roster.revoke(&device(3), device(1).device_id()).unwrap();
    assert_eq!(ids(&roster), [device(2).device_id(), device(3).device_id()]);
    assert!(roster.has_revoked(&device(1).device_id()));
    let by_revoked = roster.add(&device(1), device(9).public(), name(9));
    assert_eq!(by_revoked, Err(RosterError::NotADevice));
    let again = roster.add(&device(2), device(1).public(), name(1));
    assert_eq!(again, Err(RosterError::AddedBefore));
    roster.revoke(&device(3), device(2).device_id()).unwrap();
    let last = roster.revoke(&device(3), device(3).device_id());
    assert_eq!(last, Err(RosterError::LastDevice));
}

#[test]
fn a_revoked_device_cannot_win_by_an_older_branch() {
    let mut honest = roster(2);
    let mut stolen = honest.clone();
    honest.revoke(&device(2), device(1).device_id()).unwrap();
    for seed in 10..14 {
        stolen
            .add(&device(1), device(seed).public(), name(seed))
            .unwrap();
    }
    assert!(honest.supersedes(&stolen));
    assert!(!stolen.supersedes(&honest));

    let mut revenge = roster(2);
    revenge.revoke(&device(1), device(2).device_id()).unwrap();
    assert!(!revenge.supersedes(&honest), "what came first stays");
    assert!(!roster(1).supersedes(&honest));
    let stranger = Roster::found(&device(9), name(9));
    assert!(!stranger.supersedes(&honest));
}
