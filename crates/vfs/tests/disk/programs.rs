use std::fs;

use model::{Entry, EntryKind};

use crate::kit::{Pair, TRANSFER, file, fill, folder, pages};

fn program(path: &str) -> Entry {
    let kind = EntryKind::File {
        size_bytes: 1,
        executable: true,
    };
    Entry {
        kind,
        ..file(path, 1)
    }
}

#[test]
fn programs_are_left_out_where_none_are_wanted_and_stay_out_after_a_restart() {
    let pair = Pair::new();
    let page = [
        folder("t"),
        program("t/run"),
        file("t/notes.txt", 1),
        file("t/setup.exe", 1),
        folder("t/Nice.app"),
        file("t/Nice.app/inside", 1),
    ];
    let sink = pair.sink().without_programs(true);
    for _ in 0..2 {
        let mut staging = sink.stage(TRANSFER).unwrap();
        let have = staging.add_page(0, &page).unwrap();
        let refused: Vec<u64> = (0..6).filter(|&it| have.refused.contains(it)).collect();
        assert_eq!(refused, [1, 3, 4, 5]);
        for entry in [1, 3, 5] {
            let written = staging.write_chunk(entry, 0, 0, b"x", &model::Digest::of(b"x"));
            assert!(written.is_err(), "{entry}");
        }
        assert!(staging.refuses_program(&page[1]));
        assert!(!staging.refuses_program(&page[2]));
    }
    sink.stage(TRANSFER).unwrap().discard().unwrap();
    let mut all = pair.sink().stage(TRANSFER).unwrap();
    assert!(all.add_page(0, &page).unwrap().refused.is_empty());
}

#[cfg(target_os = "linux")]
#[test]
fn received_files_say_where_they_came_from_wherever_the_disk_can_hold_that() {
    use rustix::fs::{XattrFlags, getxattr, setxattr};
    let pair = Pair::new();
    pair.put("file", b"content");
    let probe = pair.to.join("probe");
    fs::write(&probe, b"").unwrap();
    let can_hold = setxattr(&probe, "user.probe", b"x", XattrFlags::empty()).is_ok();
    fs::remove_file(probe).unwrap();

    let mut source = pair.source();
    let pages = pages(&source, 10);
    let mut staging = pair.stage();
    fill(&mut source, &pages, &mut staging);
    crate::kit::commit(staging);
    let mut value = [0; 16];
    let read = getxattr(pair.to.join("file"), "user.xdg.origin.url", &mut value);
    match can_hold {
        true => assert_eq!(&value[..read.unwrap()], b"wherry:"),
        false => assert!(read.is_err()),
    }
}
