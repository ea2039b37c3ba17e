use std::fs;
use std::path::Path;
use std::process::Command;

use hashing::chunk_digest;
use model::Digest;
use vfs::sink::{Sink, WriteError};
use vfs::space::Reserve;

use crate::kit::{Pair, TRANSFER, commit, file, fill, pages};

#[test]
fn the_reserve_is_kept_and_what_was_stored_before_survives() {
    let pair = Pair::new();
    let data = vec![1; 1 << 20];
    let digest = chunk_digest(&data);
    let page = [file("f", 2 << 20)];
    let mut staging = pair.stage();
    staging.add_page(0, &page).unwrap();
    staging.write_chunk(0, 0, 0, &data, &digest).unwrap();
    drop(staging);
    let full = pair.sink().with_reserve(Reserve::Bytes(u64::MAX));
    let mut staging = full.stage(TRANSFER).unwrap();
    let have = staging.add_page(0, &page).unwrap();
    assert!(have.chunks[&0].contains(0));
    let refused = staging.write_chunk(0, 1, 1 << 20, &data, &digest);
    assert!(matches!(refused, Err(WriteError::NoSpace)));
    assert_eq!(staging.chunk_digest(0, 0).unwrap(), Some(digest));
    assert_eq!(staging.chunk_digest(0, 1).unwrap(), None);
    let zeros = vec![0; 1 << 20];
    let hole = staging.write_chunk(0, 1, 1 << 20, &zeros, &chunk_digest(&zeros));
    hole.expect("a hole needs no room");
}

/// A file system of some megabytes, unmounted at the end.
struct SmallDisk<'a>(&'a Path);

impl<'a> SmallDisk<'a> {
    fn mount(at: &'a Path) -> Result<Self, String> {
        let mut mount = Command::new("mount");
        let mount = mount
            .args(["-t", "tmpfs", "-o", "size=3m", "tmpfs"])
            .arg(at);
        let output = mount.output().map_err(|error| error.to_string())?;
        if !output.status.success() {
            return Err(String::from_utf8_lossy(&output.stderr).into_owned());
        }
        Ok(Self(at))
    }
}

impl Drop for SmallDisk<'_> {
    fn drop(&mut self) {
        let unmounted = Command::new("umount").arg(self.0).status();
        assert!(unmounted.is_ok_and(|status| status.success()));
    }
}

#[test]
fn a_full_disk_is_told_as_such_and_the_transfer_goes_on_when_there_is_room() {
    let pair = Pair::new();
    let content: Vec<u8> = (0..2u32 << 20).map(|byte| (byte % 251) as u8).collect();
    pair.put("folder/file", &content);
    let disk = match SmallDisk::mount(&pair.to) {
        Ok(disk) => disk,
        Err(reason) => {
            println!("skipped: no small disk can be mounted here: {reason}");
            return;
        }
    };
    let mut source = pair.source();
    let pages = pages(&source, 9);
    let ballast = pair.to.join("ballast");
    fs::write(&ballast, vec![1; 3 << 19]).unwrap();
    let sink = Sink::open(&pair.to, false).unwrap();
    let mut staging = sink
        .with_reserve(Reserve::Bytes(0))
        .stage(TRANSFER)
        .unwrap();
    staging.add_page(0, &pages[0]).unwrap();
    let (first, second) = content.split_at(1 << 20);
    staging
        .write_chunk(1, 0, 0, first, &Digest::of(first))
        .unwrap();
    let refused = staging.write_chunk(1, 1, 1 << 20, second, &Digest::of(second));
    assert!(matches!(refused, Err(WriteError::NoSpace)), "{refused:?}");
    fs::remove_file(&ballast).unwrap();
    let sent = fill(&mut source, &pages, &mut staging);
    assert_eq!(sent, 1, "the first chunk was kept");
    commit(staging);
    pair.assert_same();
    drop(source);
    drop(disk);
}
