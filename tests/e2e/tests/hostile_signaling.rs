//! A server, or somebody before it, that reads, changes, repeats and lies: no wrong party, no wrong file.
#![expect(clippy::unwrap_used, reason = "a test may fail anywhere")]

#[path = "hostile_signaling/impostors.rs"]
mod impostors;
#[path = "hostile_signaling/lies.rs"]
mod lies;
#[path = "hostile_signaling/privacy.rs"]
mod privacy;
#[path = "hostile_signaling/replays.rs"]
mod replays;

use e2e::{Device, make_file, same_file};

/// Pairs two devices, which then know each other by these names.
fn pair(ana: &Device, ben: &Device, names: [&str; 2]) {
    for (device, name) in [(ana, names[0]), (ben, names[1])] {
        let status = device
            .command(&["config", "set", "device-name", name])
            .status();
        assert!(status.unwrap().success());
    }
    let mut showing = ana.start(&["pair", "--yes"]);
    let issued = showing.wait_for("code_issued");
    let code = issued["code"].as_str().unwrap();
    ben.start(&["pair", code, "--yes"]).end().expect_success();
    showing.end().expect_success();
}

/// Sends a file from one contact to the other and looks at what arrives.
fn send(from: &Device, to: &Device, name: &str, file_name: &str) {
    let file = from.path(file_name);
    make_file(&file, 3 * 1024 * 1024, file_name.len() as u64);
    let into = to.path("into");
    let place = into.display().to_string();
    let mut receiving = to.start(&["receive", "--into", &place, "--yes"]);
    receiving.wait_for("ready");
    let path = file.display().to_string();
    let mut sending = from.start(&["send", &path, "--to", name]);
    receiving.end().expect_success();
    sending.end().expect_success();
    same_file(&file, &into.join(file_name));
}

fn contacts(device: &Device) -> usize {
    let listed = device.start(&["contacts", "list"]).end().expect_success();
    listed.events.len()
}
