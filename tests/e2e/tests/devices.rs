//! One person, several devices.

use std::path::Path;

use e2e::{Device, Running, Server, code_of, make_file, pair_with, same_file, visible_names};
use serde_json::Value;

fn text(path: &Path) -> String {
    path.display().to_string()
}

fn run(device: &Device) -> Running {
    let mut running = device.start(&["run", "--into", &text(&device.path("into")), "--yes"]);
    running.wait_for("ready");
    running
}

fn send(from: &Device, name: &str, to: &[&str]) -> Running {
    let file = from.path(name);
    make_file(&file, 100_000, name.len() as u64);
    from.start(&[&["send", &text(&file), "--wait", "--to"], to].concat())
}

/// Makes `new` one more device of the person of `old`; returns what `new` heard.
fn add_device(old: &Device, new: &Device) -> Value {
    let mut showing = old.start(&["id", "add-device", "--yes"]);
    let code = code_of(&mut showing);
    let mut joining = new.start(&["join", &code, "--yes"]);
    let joined = joining.end().expect_success();
    showing.end().expect_success();
    joined.event("device_ready").clone()
}

fn device_names(listed: &Value) -> Vec<&str> {
    let devices = listed["devices"].as_array().expect("a list");
    devices
        .iter()
        .map(|device| device["name"].as_str().expect("a name"))
        .collect()
}

#[test]
fn a_second_device_joins_receives_is_revoked_and_then_receives_nothing_and_contacts_saw_both() {
    let server = Server::start();
    let [ana, ben, phone] =
        ["ana", "ben", "phone"].map(|name| Device::new(&server.url).named(name));
    pair_with(&ana, &[], &ben);
    ana.run(&["contacts", "verify", "ben"]);
    let mut at_ben = run(&ben);
    let mut at_ana = run(&ana);

    let ready = add_device(&ana, &phone);
    assert_eq!(ready["contacts"], 1);
    let added = at_ben.wait_for("device_added");
    assert_eq!(
        (&added["contact"], &added["name"]),
        (&"ana".into(), &"phone".into())
    );
    assert_eq!(
        device_names(&ben.contact("ana").expect("a contact")),
        ["ana", "phone"]
    );
    let shared = phone.contact("ben").expect("it came along");
    assert_eq!(shared["verified"], true);
    let listed = ana.run(&["id", "devices"]);
    assert_eq!(listed.event("device")["name"], "phone");

    at_ana.kill();
    let mut at_phone = run(&phone);
    send(&ben, "to-any", &["ana"]).end().expect_success();
    send(&ben, "to-phone", &["ana", "--device", "phone"])
        .end()
        .expect_success();
    assert_eq!(visible_names(&phone.path("into")), ["to-any", "to-phone"]);
    same_file(&ben.path("to-any"), &phone.path("into/to-any"));
    send(&phone, "from-phone", &["ben"]).end().expect_success();
    assert_eq!(visible_names(&ben.path("into")), ["from-phone"]);

    let unaware = phone.copied();
    let _at_ana = run(&ana);
    ana.run(&["id", "revoke", "phone"]);
    let revoked = at_ben.wait_for("device_revoked");
    assert_eq!(
        (&revoked["contact"], &revoked["name"]),
        (&"ana".into(), &"phone".into())
    );
    at_phone.wait_for("this_device_revoked");
    assert_eq!(at_phone.end().code(), 6);
    assert_eq!(
        device_names(&ben.contact("ana").expect("a contact")),
        ["ana"]
    );

    let named = send(&ben, "secret", &["ana", "--device", "phone"]).end();
    assert_eq!(named.code(), 2, "{named:#?}");
    let _at_unaware = run(&unaware);
    let mut meeting = send(&unaware, "unwanted", &["ben"]);
    let paused = meeting.wait_for("transfer_paused");
    assert_eq!(paused["reason"], "peer_offline");
    send(&ben, "to-ana", &["ana"]).end().expect_success();
    assert_eq!(visible_names(&ana.path("into")), ["to-ana"]);
    assert!(visible_names(&unaware.path("into")).is_empty());
    assert_eq!(visible_names(&ben.path("into")), ["from-phone"]);
}

#[test]
fn devices_of_two_persons_all_get_to_know_each_other() {
    let server = Server::start();
    let [ana, phone, ben, tablet] =
        ["ana", "phone", "ben", "tablet"].map(|name| Device::new(&server.url).named(name));
    let _at_ana = run(&ana);
    let _at_ben = run(&ben);
    add_device(&ana, &phone);
    add_device(&ben, &tablet);
    let mut at_phone = run(&phone);
    let mut at_tablet = run(&tablet);
    pair_with(&ana, &[], &ben);
    at_phone.wait_for("contact_added");
    at_tablet.wait_for("contact_added");

    let to_tablet = ["ben", "--device", "tablet"];
    let mut known = false;
    for _ in 0..50 {
        known = phone
            .contact("ben")
            .is_some_and(|listed| device_names(&listed).contains(&"tablet"));
        if known {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(100));
    }
    assert!(known, "{:#?}", phone.contact("ben"));
    send(&phone, "across", &to_tablet).end().expect_success();
    send(&phone, "homeward", &["ana"]).end().expect_success();
    same_file(&phone.path("across"), &tablet.path("into/across"));
    same_file(&phone.path("homeward"), &ana.path("into/homeward"));
}
