use super::*;
use proptest::prelude::*;

fn device(number: u8) -> DeviceSecrets {
    DeviceSecrets::from_bytes(&[number; 64])
}

fn name(text: &str) -> DisplayName {
    DisplayName::new(text)
}

/// A folder of 1 with 2 as admin, 3 who may change and 4 who reads.
fn team() -> FolderRoster {
    let mut roster = FolderRoster::found(&device(1), name("Ana"), [7; 16]);
    for (number, role) in [(2, Role::Admin), (3, Role::Change), (4, Role::Read)] {
        let keys = device(number).public();
        roster
            .grant(&device(1), keys, name("member"), role)
            .unwrap();
    }
    roster
}

fn decoded(roster: &FolderRoster) -> Result<FolderRoster, FolderRosterError> {
    FolderRoster::decode(&roster.encode(), roster.folder())
}

proptest! {
    #[test]
    fn arbitrary_bytes_are_read_or_refused_without_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        assert!(FolderRoster::decode(&bytes, FolderId([0; 16])).is_err());
    }

    #[test]
    fn a_roster_of_which_one_byte_was_changed_is_refused(place in 0usize..4_000, flip in 1u8..) {
        let roster = team();
        let mut bytes = roster.encode();
        let place = place % bytes.len();
        bytes[place] ^= flip;
        assert!(FolderRoster::decode(&bytes, roster.folder()).is_err());
    }
}

#[test]
fn what_is_written_is_read_again() {
    let mut roster = team();
    assert_eq!(decoded(&roster), Ok(roster.clone()));
    let keys = device(5).public();
    roster
        .grant(&device(2), keys, name("Eve"), Role::Change)
        .unwrap();
    assert_eq!(decoded(&roster), Ok(roster.clone()));
    assert_eq!(roster.seat_of(&device(5).device_id()), Seat::parse(4));
    assert_eq!(roster.epoch(), 4);
}

#[test]
fn a_roster_of_another_owner_is_not_one_of_this_folder() {
    let ours = team();
    let theirs = FolderRoster::found(&device(9), name("Mallory"), [7; 16]);
    let refused = FolderRoster::decode(&theirs.encode(), ours.folder());
    assert_eq!(refused, Err(FolderRosterError::Malformed));
}

#[test]
fn members_who_are_no_admins_change_nobody() {
    for number in [3, 4, 9] {
        let mut roster = team();
        let keys = device(5).public();
        let granted = roster.grant(&device(number), keys, name("Eve"), Role::Read);
        assert_eq!(granted, Err(FolderRosterError::NotAllowed), "{number}");
        let removed = roster.remove(&device(number), &device(2).device_id(), 1);
        assert_eq!(removed, Err(FolderRosterError::NotAllowed), "{number}");
        assert_eq!(roster, team());
    }
}

#[test]
fn an_admin_changes_plain_members_only() {
    let mut roster = team();
    let keys = device(5).public();
    let admin = roster.grant(&device(2), keys, name("Eve"), Role::Admin);
    assert_eq!(admin, Err(FolderRosterError::NotAllowed));
    let own = roster.grant(&device(2), device(3).public(), name(""), Role::Admin);
    assert_eq!(own, Err(FolderRosterError::NotAllowed));
    let owner = roster.remove(&device(2), &device(1).device_id(), 1);
    assert_eq!(owner, Err(FolderRosterError::NotAllowed));
    roster
        .remove(&device(2), &device(3).device_id(), 1)
        .unwrap();
    assert_eq!(roster.seat_of(&device(3).device_id()), None);
    assert_eq!(decoded(&roster), Ok(roster));
}

#[test]
fn the_owner_cannot_be_removed_or_doubled() {
    let mut roster = team();
    let removed = roster.remove(&device(1), &device(1).device_id(), 1);
    assert_eq!(removed, Err(FolderRosterError::NotAllowed));
    let second = roster.grant(&device(1), device(3).public(), name(""), Role::Owner);
    assert_eq!(second, Err(FolderRosterError::NotAllowed));
}

#[test]
fn an_old_roster_never_takes_the_place_of_a_newer_one() {
    let old = team();
    let mut new = old.clone();
    new.remove(&device(1), &device(3).device_id(), 50).unwrap();
    assert!(new.supersedes(&old) && !old.supersedes(&new));
    assert!(!new.supersedes(&new.clone()));
}

/// The owner removes an admin, who goes on signing from the edition before.
#[test]
fn a_removed_admin_cannot_sign_itself_back() {
    let before = team();
    let mut owners = before.clone();
    owners
        .remove(&device(1), &device(2).device_id(), 50)
        .unwrap();
    let mut admins = before;
    for number in 5..9 {
        let keys = device(number).public();
        admins
            .grant(&device(2), keys, name("crowd"), Role::Change)
            .unwrap();
    }
    assert!(admins.epoch() > owners.epoch());
    assert!(owners.supersedes(&admins) && !admins.supersedes(&owners));
}

#[test]
fn two_admins_who_go_on_apart_are_settled_the_same_way_everywhere() {
    let mut base = team();
    let keys = device(6).public();
    base.grant(&device(1), keys, name("second"), Role::Admin)
        .unwrap();
    let (mut one, mut other) = (base.clone(), base);
    let grant = |roster: &mut FolderRoster, admin, number| {
        let keys = device(number).public();
        roster
            .grant(&device(admin), keys, name("new"), Role::Read)
            .unwrap();
    };
    grant(&mut one, 2, 7);
    grant(&mut other, 6, 8);
    assert_ne!(one.supersedes(&other), other.supersedes(&one));
}

#[test]
fn a_roster_holds_as_many_seats_as_its_limit_and_fits_its_bytes() {
    let mut roster = FolderRoster::found(&device(1), name("Ana"), [7; 16]);
    let long = name(&"x".repeat(200));
    for number in 1..FOLDER_SEATS {
        let mut seed = [0; 64];
        seed[..8].copy_from_slice(&(number as u64 + 1_000).to_be_bytes());
        seed[32] = 1;
        let keys = DeviceSecrets::from_bytes(&seed).public();
        let role = if number < 3 { Role::Admin } else { Role::Read };
        roster.grant(&device(1), keys, long.clone(), role).unwrap();
    }
    let keys = device(200).public();
    let full = roster.grant(&device(1), keys, name("one more"), Role::Read);
    assert_eq!(full, Err(FolderRosterError::Full));
    assert!(roster.encode().len() <= FOLDER_ROSTER_BYTES / (FOLDER_ADMIN_EDITIONS + 1));
}

#[test]
fn admins_sign_as_many_editions_in_a_row_as_the_limit() {
    let mut roster = team();
    for number in 0..FOLDER_ADMIN_EDITIONS {
        let keys = device(100 + u8::try_from(number).unwrap()).public();
        roster
            .grant(&device(2), keys, name("new"), Role::Read)
            .unwrap();
    }
    let keys = device(99).public();
    let full = roster.grant(&device(2), keys, name("new"), Role::Read);
    assert_eq!(full, Err(FolderRosterError::Full));
    let keys = device(99).public();
    roster
        .grant(&device(1), keys, name("new"), Role::Read)
        .unwrap();
    assert_eq!(decoded(&roster), Ok(roster));
}
