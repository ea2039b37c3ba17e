//! The source changes while it is sent: said, and never a mixture.

use std::fs::{self, File};
use std::io::{Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use e2e::{Device, Running, Server, make_file, same_file, visible_names};

const MIB: usize = 1024 * 1024;

struct Sending {
    _server: Server,
    _ana: Device,
    ben: Device,
    sending: Running,
    receiving: Running,
    file: PathBuf,
    into: PathBuf,
}

/// A transfer of a large file and a small one, with bytes of the large one on their way.
fn under_way() -> Sending {
    let server = Server::start();
    let (ana, ben) = (Device::new(&server.url), Device::new(&server.url));
    let folder = ana.path("folder");
    fs::create_dir(&folder).expect("a folder");
    let file = folder.join("large.bin");
    make_file(&file, 160 * MIB, 3);
    make_file(&folder.join("small.bin"), 1_000, 4);
    let mut sending = ana.start(&["send", &folder.display().to_string(), "--code"]);
    let issued = sending.wait_for("code_issued");
    let code = issued["code"].as_str().expect("a code").to_owned();
    let into = ben.path("into");
    let into_text = into.display().to_string();
    let mut receiving = ben.start(&["receive", &code, "--into", &into_text, "--yes"]);
    receiving.wait_until(|event| event["bytes"].as_u64().is_some_and(|bytes| bytes > 4 << 20));
    Sending {
        _server: server,
        _ana: ana,
        ben,
        sending,
        receiving,
        file,
        into,
    }
}

impl Sending {
    fn received(&self, name: &str) -> PathBuf {
        self.into.join("folder").join(name)
    }

    fn ends_well_with_the_newest_version(mut self) {
        let ended = self.sending.end();
        assert_eq!(ended.code(), 0, "{ended:#?}");
        assert_eq!(ended.event("entry_skipped")["reason"], "changed_resent");
        self.receiving.end().expect_success();
        same_file(&self.file, &self.received("large.bin"));
    }

    fn ends_without_the_large_file(mut self, reasons: &[&str]) {
        let ended = self.sending.end();
        assert_eq!(ended.code(), 14, "{ended:#?}");
        let reason = ended.event("entry_skipped")["reason"].as_str();
        assert!(reasons.contains(&reason.expect("a reason")), "{reason:?}");
        assert_eq!(self.receiving.end().code(), 14);
        assert!(self.received("small.bin").exists());
        assert!(!self.received("large.bin").exists());
        assert_eq!(visible_names(&self.ben.path("into")), ["folder"]);
    }
}

fn edit(path: &Path, at: usize, bytes: &[u8]) {
    let mut file = File::options().write(true).open(path).expect("the source");
    file.seek(SeekFrom::Start(at as u64)).expect("a place");
    file.write_all(bytes).expect("an edit");
}

#[test]
fn a_file_that_is_edited_arrives_in_its_new_version() {
    let transfer = under_way();
    edit(&transfer.file, 0, b"edited at the start");
    edit(&transfer.file, 150 * MIB, b"and near the end");
    transfer.ends_well_with_the_newest_version();
}

#[test]
fn a_file_that_grows_arrives_as_it_is_in_the_end() {
    let transfer = under_way();
    edit(&transfer.file, 160 * MIB, &[7; 3 * MIB]);
    transfer.ends_well_with_the_newest_version();
}

#[test]
fn a_file_that_shrinks_arrives_as_it_is_in_the_end() {
    let transfer = under_way();
    let file = File::options()
        .write(true)
        .open(&transfer.file)
        .expect("the source");
    file.set_len(5 * MIB as u64 + 1).expect("it shrinks");
    transfer.ends_well_with_the_newest_version();
}

#[test]
fn a_file_that_disappears_is_skipped_and_said() {
    let transfer = under_way();
    fs::remove_file(&transfer.file).expect("it is there");
    transfer.ends_without_the_large_file(&["gone"]);
}

#[test]
fn a_file_that_becomes_a_folder_is_skipped_and_said() {
    let transfer = under_way();
    fs::remove_file(&transfer.file).expect("it is there");
    fs::create_dir(&transfer.file).expect("a folder in its place");
    // Whatever is read first: nothing at its place, or the folder.
    transfer.ends_without_the_large_file(&["gone", "kind_changed"]);
}
