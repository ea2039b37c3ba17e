use super::*;
use crate::store::tests::{TestHome, new_contact};

fn record_of(number: u8, name: &str) -> FolderRecord {
    FolderRecord {
        folder: FolderId([number; 16]),
        name: DisplayName::new(name),
        place: "/somewhere/else".into(),
        roster: vec![1, 2, 3],
        direction: FolderDirection::Both,
        paused: false,
        version_time: Some(Duration::from_secs(60)),
    }
}

#[test]
fn a_folder_is_kept_as_it_is_and_changes_one_thing_at_a_time() {
    let mut home = TestHome::new();
    let mut store = home.open();
    let mut photos = record_of(1, "Photos");
    store.add_folder(&photos).unwrap();
    store.add_folder(&record_of(2, "archive")).unwrap();
    let names: Vec<String> = store
        .folders()
        .unwrap()
        .iter()
        .map(|it| it.name.to_string())
        .collect();
    assert_eq!(names, ["archive", "Photos"]);
    store.set_folder_paused(photos.folder, true).unwrap();
    store.set_folder_roster(photos.folder, &[9]).unwrap();
    store
        .set_folder_direction(photos.folder, FolderDirection::ReceiveOnly)
        .unwrap();
    photos.paused = true;
    photos.roster = vec![9];
    photos.direction = FolderDirection::ReceiveOnly;
    assert_eq!(store.folder(photos.folder).unwrap(), Some(photos.clone()));
    store.remove_folder(photos.folder).unwrap();
    assert_eq!(store.folder(photos.folder).unwrap(), None);
    assert!(matches!(
        store.remove_folder(photos.folder),
        Err(FolderError::Unknown)
    ));
}

#[test]
fn two_folders_have_two_names_and_there_are_as_many_as_the_limit() {
    let mut home = TestHome::new();
    let mut store = home.open();
    store.add_folder(&record_of(1, "Photos")).unwrap();
    let again = store.add_folder(&record_of(1, "other"));
    assert!(matches!(again, Err(FolderError::AlreadyKnown)));
    let same_name = store.add_folder(&record_of(2, "PHOTOS"));
    assert!(matches!(same_name, Err(FolderError::NameTaken)));
    for number in 2..=u8::try_from(FOLDERS).unwrap() {
        store
            .add_folder(&record_of(number, &format!("folder {number}")))
            .unwrap();
    }
    let too_many = store.add_folder(&record_of(200, "one more"));
    assert!(matches!(too_many, Err(FolderError::TooMany)));
}

#[test]
fn invitations_wait_until_the_folder_is_joined_and_the_oldest_make_room() {
    let mut home = TestHome::new();
    let mut store = home.open();
    let contact = store.add_contact(new_contact("Ana", 1)).unwrap().id;
    let invitation = |number: u8, seconds: i64| FolderInvitation {
        folder: FolderId([number; 16]),
        contact,
        name: DisplayName::new("Photos"),
        roster: vec![number],
        invited: Timestamp {
            seconds,
            nanoseconds: 0,
        },
    };
    assert!(store.add_folder_invitation(&invitation(1, 10)).unwrap());
    assert!(!store.add_folder_invitation(&invitation(1, 11)).unwrap());
    store.add_folder(&record_of(1, "Photos")).unwrap();
    assert_eq!(store.folder_invitations().unwrap(), []);
    for number in 2..=u8::try_from(FOLDER_INVITATIONS + 2).unwrap() {
        store
            .add_folder_invitation(&invitation(number, number.into()))
            .unwrap();
    }
    let left = store.folder_invitations().unwrap();
    assert_eq!(left.len(), FOLDER_INVITATIONS);
    assert_eq!(left[0].folder, FolderId([3; 16]));
    assert!(store.remove_folder_invitation(left[0].folder).unwrap());
    assert!(!store.remove_folder_invitation(left[0].folder).unwrap());
}
