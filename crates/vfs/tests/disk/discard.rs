use std::fs;

use crate::kit::{Pair, TRANSFER, fill, names_in, pages};

fn half_received(pair: &Pair) -> vfs::sink::Staging {
    pair.put("folder/deep/file", b"1")
        .put("folder/other", b"2")
        .put("top", b"3");
    let mut source = pair.source();
    let pages = pages(&source, 2);
    let mut staging = pair.stage();
    fill(&mut source, &pages, &mut staging);
    staging
}

#[test]
fn discarding_leaves_no_trace() {
    let pair = Pair::new();
    fs::write(pair.to.join("top"), "mine").unwrap();
    half_received(&pair).discard().unwrap();
    assert_eq!(names_in(&pair.to), ["top"]);
    assert_eq!(fs::read(pair.to.join("top")).unwrap(), b"mine");
    let again = pair.stage();
    assert_eq!(again.pages(), 0);
    again.discard().unwrap();
}

#[test]
fn discarding_leaves_what_strangers_put_there() {
    let pair = Pair::new();
    let staging = half_received(&pair);
    let tree = pair.home().join("tree");
    fs::write(tree.join("folder/deep/stranger"), "keep").unwrap();
    staging.discard().unwrap();
    assert_eq!(names_in(&tree), ["folder"]);
    assert_eq!(names_in(&tree.join("folder")), ["deep"]);
    assert_eq!(names_in(&tree.join("folder/deep")), ["stranger"]);
}

#[cfg(unix)] // Elsewhere making a link needs a right.
#[test]
fn discarding_follows_no_link() {
    use std::os::unix::fs::symlink;
    let pair = Pair::new();
    let staging = half_received(&pair);
    let tree = pair.home().join("tree");
    let precious = pair.from.join("precious");
    fs::create_dir(&precious).unwrap();
    fs::write(precious.join("file"), "keep").unwrap();
    fs::remove_dir_all(tree.join("folder/deep")).unwrap();
    symlink(&precious, tree.join("folder/deep")).unwrap();
    fs::remove_file(tree.join("top")).unwrap();
    symlink(precious.join("file"), tree.join("top")).unwrap();
    staging.discard().unwrap();
    assert_eq!(fs::read(precious.join("file")).unwrap(), b"keep");
    assert_eq!(names_in(&tree), ["folder", "top"]);
}

#[test]
fn a_dropped_file_is_removed_and_counts_as_done() {
    let pair = Pair::new();
    pair.put("folder/kept", b"1")
        .put("folder/lost", b"2")
        .put("top", b"3");
    let mut source = pair.source();
    let pages = pages(&source, 10);
    let mut staging = pair.stage();
    let have = staging.add_page(0, &pages[0]).unwrap();
    for (index, entry) in (0u32..).zip(&pages[0]) {
        if have.finished.contains_key(&index) {
            continue;
        }
        crate::kit::send_missing(&mut source, &mut staging, (index, entry), &have);
        if entry.path.file_name().as_str() == "kept" {
            let state = crate::kit::final_state(entry);
            staging.finish_entry(index, &state).unwrap();
        } else {
            staging.drop_entry(index).unwrap();
        }
    }
    drop(staging);
    let mut staging = pair.sink().stage(TRANSFER).unwrap();
    let (_, have) = staging.open_page(0).unwrap();
    let dropped = have.finished.values();
    let dropped = dropped.filter(|outcome| **outcome == vfs::sink::Outcome::Dropped);
    assert_eq!(dropped.count(), 2);
    let (_, committed) = crate::kit::commit(staging);
    assert_eq!(committed.entries, 1);
    assert_eq!(names_in(&pair.to), ["folder"]);
    assert_eq!(names_in(&pair.to.join("folder")), ["kept"]);
}
