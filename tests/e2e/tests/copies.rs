//! A copied home is noticed, by both copies and by their contacts, and costs nobody a file.

use std::io::Write as _;
use std::path::Path;

use e2e::{Device, Running, Server, make_file, pair_with, same_file, visible_names};

fn text(path: &Path) -> String {
    path.display().to_string()
}

fn run(device: &Device) -> Running {
    let mut running = device.start(&["run", "--into", &text(&device.path("into")), "--yes"]);
    running.wait_for("ready");
    running
}

fn send(from: &Device, name: &str, to: &str) -> Running {
    let file = from.path(name);
    make_file(&file, 100_000, name.len() as u64);
    from.start(&["send", &text(&file), "--to", to, "--wait"])
}

#[test]
fn a_copied_home_is_detected_within_one_connection_of_both() {
    let server = Server::start();
    let ana = Device::new(&server.url).named("ana");
    let ben = Device::new(&server.url).named("ben");
    pair_with(&ana, &[], &ben);
    let copy = ana.copied();

    let mut at_ben = run(&ben);
    let mut original = run(&ana);
    let mut copied = run(&copy);
    assert_eq!(original.wait_for("identity_copied")["replaced"], true);
    assert_eq!(copied.wait_for("identity_copied")["replaced"], false);
    assert_eq!(at_ben.wait_for("contact_copied")["name"], "ana");
    let ended = original.end();
    assert_eq!(ended.code(), 12, "{ended:#?}");

    send(&ben, "once", "ana").end().expect_success();
    assert_eq!(visible_names(&copy.path("into")), ["once"]);
    assert!(visible_names(&ana.path("into")).is_empty());

    drop(copied);
    let renewed = copy.run(&["id", "renew", "--yes"]);
    let old = ana.run(&["id"]);
    assert_ne!(
        renewed.event("identity")["device_id"],
        old.event("identity")["device_id"]
    );
    let _original = run(&ana);
    let _renewed = run(&copy);
    send(&ben, "again", "ana").end().expect_success();
    assert_eq!(visible_names(&ana.path("into")), ["again"]);
}

#[test]
fn copies_that_are_never_there_together_are_noticed_by_their_counters() {
    let server = Server::start();
    let ana = Device::new(&server.url).named("ana");
    let ben = Device::new(&server.url).named("ben");
    pair_with(&ana, &[], &ben);
    let copy = ana.copied();
    let mut at_ben = run(&ben);

    send(&ana, "first", "ben").end().expect_success();
    let by_copy = send(&copy, "second", "ben").end().expect_success();
    assert_eq!(at_ben.wait_for("contact_copied")["name"], "ana");
    assert_eq!(by_copy.event("identity_copied")["replaced"], false);
    let by_original = send(&ana, "third", "ben").end().expect_success();
    assert_eq!(by_original.event("identity_copied")["replaced"], false);

    let names = ["first", "second", "third"];
    assert_eq!(visible_names(&ben.path("into")), names);
    for (device, name) in [(&ana, "first"), (&copy, "second"), (&ana, "third")] {
        same_file(&device.path(name), &ben.path("into").join(name));
    }
}

#[test]
fn an_exported_identity_goes_on_elsewhere_with_its_contacts() {
    let server = Server::start();
    let ana = Device::new(&server.url).named("ana");
    let ben = Device::new(&server.url).named("ben");
    let new = Device::new(&server.url).named("ana");
    pair_with(&ana, &[], &ben);
    let file = text(&ana.path("identity"));
    let with_passphrase = |device: &Device, arguments: &[&str], passphrase: &str| {
        let mut running = device.start_with_input(arguments);
        let mut input = running.take_input();
        writeln!(input, "{passphrase}").expect("it reads");
        drop(input);
        running.end()
    };
    let short = with_passphrase(&ana, &["id", "export", &file], "short");
    assert_eq!(short.code(), 2, "{short:#?}");
    with_passphrase(&ana, &["id", "export", &file], "long enough").expect_success();
    let wrong = with_passphrase(&new, &["id", "import", &file], "long enouhg");
    assert_eq!(wrong.code(), 2, "{wrong:#?}");
    let imported = with_passphrase(&new, &["id", "import", &file], "long enough");
    let shown = ana.run(&["id"]);
    assert_eq!(
        imported.expect_success().event("identity")["device_id"],
        shown.event("identity")["device_id"]
    );
    let _at_ben = run(&ben);
    send(&new, "moved", "ben").end().expect_success();
    assert_eq!(visible_names(&ben.path("into")), ["moved"]);
}
