//! Two devices and a server, nothing else.

use std::fs;
use std::io::Write as _;
use std::path::Path;

use e2e::{Device, Running, Server, make_file, make_tree, same_file, same_tree, visible_names};

const MIB: usize = 1024 * 1024;

fn code_of(sending: &mut Running) -> String {
    let issued = sending.wait_for("code_issued");
    issued["code"].as_str().expect("a code").to_owned()
}

fn text(path: &Path) -> String {
    path.display().to_string()
}

#[test]
fn a_file_goes_to_whoever_says_the_code() {
    let server = Server::start();
    let (ana, ben) = (Device::new(&server.url), Device::new(&server.url));
    let file = ana.path("trip.mov");
    make_file(&file, 9 * MIB + 5, 1);

    let mut sending = ana.start(&["send", &text(&file), "--code"]);
    let code = code_of(&mut sending);
    let into = ben.path("into");
    let mut receiving = ben.start(&["receive", &code, "--into", &text(&into), "--yes"]);

    let received = receiving.end().expect_success();
    let sent = sending.end().expect_success();
    let (received, sent) = (
        received.event("transfer_completed"),
        sent.event("transfer_completed"),
    );
    assert_eq!(received["digest"], sent["digest"]);
    assert_eq!(received["bytes"], 9 * MIB + 5);
    assert_eq!(received["path"], "local");
    same_file(&file, &into.join("trip.mov"));
    assert_eq!(visible_names(&into), ["trip.mov"]);
    let hidden = fs::read_dir(&into).unwrap().count();
    assert_eq!(hidden, 1, "nothing staged is left behind");
}

#[test]
fn a_tree_arrives_with_names_times_and_modes() {
    let server = Server::start();
    let (ana, ben) = (Device::new(&server.url), Device::new(&server.url));
    let tree = ana.path("tree");
    make_tree(&tree);

    let mut sending = ana.start(&["send", &text(&tree), "--code"]);
    let code = code_of(&mut sending);
    let into = ben.path("into");
    let mut receiving = ben.start(&["receive", &code, "--into", &text(&into), "--yes"]);

    receiving.end().expect_success();
    sending.end().expect_success();
    same_tree(&tree, &into.join("tree"));
}

#[test]
fn paired_contacts_send_both_ways() {
    let server = Server::start();
    let (ana, ben) = (Device::new(&server.url), Device::new(&server.url));
    pair(&ana, "ana", &ben, "ben");
    for (from, to, name) in [(&ana, &ben, "ben"), (&ben, &ana, "ana")] {
        send_to(from, to, name);
    }
}

#[test]
fn our_engine_and_the_stock_one_understand_each_other_whoever_offers() {
    let server = Server::start();
    let ana = Device::new(&server.url).with("WHERRY_PEER", "stock");
    let ben = Device::new(&server.url).with("WHERRY_PEER", "own");
    pair(&ana, "ana", &ben, "ben");
    for (from, to, name) in [(&ana, &ben, "ben"), (&ben, &ana, "ana")] {
        send_to(from, to, name);
    }
}

#[test]
fn contacts_meet_over_tls_too() {
    let folder = tempfile::TempDir::new().unwrap();
    let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    let (certificate, key) = (
        folder.path().join("cert.pem"),
        folder.path().join("key.pem"),
    );
    fs::write(&certificate, made.cert.pem()).unwrap();
    fs::write(&key, made.signing_key.serialize_pem()).unwrap();
    let server = Server::start_tls(&certificate, &key);
    let trusting = |_| Device::new(&server.url).with("WHERRY_CA_FILE", &text(&certificate));
    let [ana, ben] = [0, 1].map(trusting);
    pair(&ana, "ana", &ben, "ben");
    send_to(&ana, &ben, "ben");
    send_to(&ben, &ana, "ana");
}

#[test]
fn standard_input_arrives_at_standard_output() {
    let server = Server::start();
    let (ana, ben) = (Device::new(&server.url), Device::new(&server.url));
    let file = ana.path("sample");
    make_file(&file, 2 * MIB + 99, 5);

    let mut sending = ana.start_with_input(&["send", "-", "--code"]);
    let mut input = sending.take_input();
    let bytes = fs::read(&file).unwrap();
    let expected = bytes.clone();
    let writer = std::thread::spawn(move || {
        input.write_all(&bytes).unwrap();
    });
    let code = code_of(&mut sending);
    let output = ben
        .command(&["receive", &code, "--stdout", "--yes"])
        .output()
        .unwrap();

    writer.join().unwrap();
    sending.end().expect_success();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    assert!(output.stdout == expected, "{} bytes", output.stdout.len());
}

#[test]
fn an_existing_name_is_never_overwritten() {
    let server = Server::start();
    let (ana, ben) = (Device::new(&server.url), Device::new(&server.url));
    let file = ana.path("note.txt");
    fs::write(&file, b"new").unwrap();
    let into = ben.path("into");
    fs::create_dir(&into).unwrap();
    fs::write(into.join("note.txt"), b"old").unwrap();

    let mut sending = ana.start(&["send", &text(&file), "--code"]);
    let code = code_of(&mut sending);
    let mut receiving = ben.start(&["receive", &code, "--into", &text(&into), "--yes"]);

    receiving.end().expect_success();
    sending.end().expect_success();
    assert_eq!(fs::read(into.join("note.txt")).unwrap(), b"old");
    assert_eq!(fs::read(into.join("note (2).txt")).unwrap(), b"new");
}

fn pair(ana: &Device, ana_name: &str, ben: &Device, ben_name: &str) {
    for (device, name) in [(ana, ana_name), (ben, ben_name)] {
        let status = device
            .command(&["config", "set", "device-name", name])
            .status();
        assert!(status.expect("wherry starts").success());
    }
    let mut showing = ana.start(&["pair", "--yes"]);
    let code = code_of(&mut showing);
    let mut typing = ben.start(&["pair", &code, "--yes"]);
    let shown = showing.end().expect_success();
    let typed = typing.end().expect_success();
    assert_eq!(shown.event("contact_added")["name"], ben_name);
    assert_eq!(typed.event("contact_added")["name"], ana_name);
    assert_eq!(typed.event("contact_added")["verified"], false);
    assert_eq!(
        shown.event("comparison_words")["words"],
        typed.event("comparison_words")["words"]
    );
}

fn send_to(from: &Device, to: &Device, name: &str) {
    let file = from.path("report.pdf");
    make_file(&file, 3 * MIB, name.len() as u64);
    let into = to.path("from contacts");
    let mut receiving = to.start(&["receive", "--into", &text(&into), "--yes"]);
    receiving.wait_for("ready");
    let mut sending = from.start(&["send", &text(&file), "--to", name]);
    receiving.end().expect_success();
    sending.end().expect_success();
    same_file(&file, &into.join("report.pdf"));
}
