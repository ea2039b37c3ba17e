use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use e2e::hostile::{RawEntry, Stage, bulk_message, chunk_digest, offer_of, one_file, raw_page};
use model::TransferId;
use transfer_proto::{ToReceiver, ToSender};

#[test]
fn links_that_wait_in_the_destination_are_not_followed() {
    let mut stage = Stage::set();
    let (secret, vault) = (stage.outer.join("secret.txt"), stage.outer.join("vault"));
    fs::create_dir(&vault).unwrap();
    symlink(&secret, stage.into.join("note.txt")).unwrap();
    symlink(
        stage.outer.join("not there"),
        stage.into.join("dangling.txt"),
    )
    .unwrap();
    symlink(&vault, stage.into.join("photos")).unwrap();
    symlink("..", stage.into.join("up")).unwrap();
    let mut session = stage.intruder.offer(&mut stage.friend, |_| {}).unwrap();
    let gifts: [&[RawEntry]; 4] = [
        &[RawEntry::file(&["note.txt"], 5)],
        &[RawEntry::file(&["dangling.txt"], 5)],
        &[
            RawEntry::folder(&["photos"]),
            RawEntry::file(&["photos", "x"], 5),
        ],
        &[
            RawEntry::folder(&["up"]),
            RawEntry::file(&["up", "secret.txt"], 5),
        ],
    ];
    for (number, entries) in (0u8..).zip(gifts) {
        let end = one_file(&mut session, TransferId([number; 16]), entries, b"pwned");
        assert_eq!(end, Some(Ok(())), "{entries:?}");
    }
    assert_eq!(fs::read(&secret).unwrap(), b"not yours");
    assert_eq!(fs::read_dir(&vault).unwrap().count(), 0);
    assert!(!stage.outer.join("not there").exists());
    for (name, link) in [
        ("note (2).txt", "note.txt"),
        ("dangling (2).txt", "dangling.txt"),
        ("photos (2)/x", "photos"),
        ("up (2)/secret.txt", "up"),
    ] {
        assert_eq!(fs::read(stage.into.join(name)).unwrap(), b"pwned");
        assert!(
            stage.into.join(link).is_symlink(),
            "{link} stays what it was"
        );
    }
    fs::remove_dir(&vault).unwrap();
    stage.finish();
}

#[test]
fn a_link_planted_while_data_arrives_is_not_followed() {
    let mut stage = Stage::set();
    let mut session = stage.intruder.offer(&mut stage.friend, |_| {}).unwrap();
    let transfer = TransferId([1; 16]);
    session.say(transfer, offer_of(2, 5, 1));
    let token = session.accepted();
    let page = [
        RawEntry::folder(&["album"]),
        RawEntry::file(&["album", "x"], 5),
    ];
    session.say_raw(raw_page(transfer, 0, 0, &page));
    session.told(|told| matches!(told, ToSender::PageStored(_)).then_some(()));

    let album = find(&stage.into, "album").expect("the folder is staged");
    fs::rename(&album, album.with_file_name("moved")).unwrap();
    symlink(&stage.outer, &album).unwrap();
    session.say(
        transfer,
        ToReceiver::Digests(vec![chunk_digest(1, b"pwned")]),
    );
    session.send_bulk(bulk_message(token, 0, 1, b"pwned"));
    session.say(transfer, ToReceiver::AllSent);

    // Whether it pauses or fails, it says so and does not write.
    let said = stage.victim.wait_until(|event| {
        event["event"] == "transfer_paused" || event["event"] == "transfer_failed"
    });
    assert!(said.is_some());
    assert!(!stage.outer.join("x").exists());
    stage.finish();
}

fn find(folder: &Path, name: &str) -> Option<PathBuf> {
    fs::read_dir(folder).ok()?.find_map(|entry| {
        let path = entry.ok()?.path();
        if path.file_name().is_some_and(|found| found == name) {
            return Some(path);
        }
        if path.is_symlink() {
            return None;
        }
        find(&path, name)
    })
}
