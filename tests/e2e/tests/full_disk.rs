//! A full disk pauses a transfer; space lets it go on.

use std::fs;
use std::path::Path;
use std::process::Command;

use e2e::{Device, Server, make_file, same_file, visible_names};

/// A small memory disk of its own, or `None` where the system does not allow one.
struct SmallDisk<'a>(&'a Path);

impl<'a> SmallDisk<'a> {
    fn mount(at: &'a Path) -> Option<Self> {
        fs::create_dir_all(at).expect("a mount point");
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", "size=24m", "tmpfs"])
            .arg(at)
            .status();
        matches!(mounted, Ok(status) if status.success()).then_some(Self(at))
    }
}

impl Drop for SmallDisk<'_> {
    fn drop(&mut self) {
        // Lazily: a failed test may leave something open.
        Command::new("umount").arg("-l").arg(self.0).status().ok();
    }
}

#[test]
fn a_full_disk_pauses_and_space_lets_it_go_on() {
    let server = Server::start();
    let (ana, ben) = (Device::new(&server.url), Device::new(&server.url));
    let disk_path = ben.path("disk");
    let Some(_disk) = SmallDisk::mount(&disk_path) else {
        println!("skipped: no memory disk can be mounted here");
        return;
    };
    let ballast = disk_path.join("ballast");
    make_file(&ballast, 12 * 1024 * 1024, 1);
    let file = ana.path("cargo.bin");
    make_file(&file, 18 * 1024 * 1024, 2);

    let mut sending = ana.start(&["send", &file.display().to_string(), "--code"]);
    let issued = sending.wait_for("code_issued");
    let code = issued["code"].as_str().expect("a code").to_owned();
    let into = disk_path.display().to_string();
    let mut receiving = ben.start(&["receive", &code, "--into", &into, "--yes"]);
    let full = |event: &serde_json::Value| {
        event["event"] == "transfer_paused" && event["reason"] == "disk_full"
    };
    assert!(receiving.wait_until(full).is_some(), "the receiver says so");
    assert!(sending.wait_until(full).is_some(), "the sender hears of it");
    assert_eq!(visible_names(&disk_path), ["ballast"]);

    fs::remove_file(&ballast).expect("it is there");
    receiving.end().expect_success();
    sending.end().expect_success();
    same_file(&file, &disk_path.join("cargo.bin"));
}
