//! Devices whose networks give them no direct way, with a real relay in between.
#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "a test may fail anywhere")]

#[path = "through_relays/lasting.rs"]
mod lasting;
#[path = "through_relays/speed.rs"]
mod speed;

use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Stdio};
use std::time::Duration;

use e2e::{Device, Running, binary};
use e2e::{make_file, same_file};
use netlab::{Lab, Node, Plan};

const MIB: usize = 1024 * 1024;

/// A program in the lab's internet; dropping it ends it.
struct Program(Child);

impl Program {
    /// Starts it there and waits until it listens.
    fn start(node: &Node, name: &str, arguments: &[&str], address: &'static str) -> Self {
        let program = match name {
            "turnserver" => name.into(),
            name => binary(name),
        };
        let mut command = node.command(program);
        command.args(arguments).stdin(Stdio::null());
        let child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        let program = Self(child.unwrap());
        while node.inside(|| TcpStream::connect(address)).is_err() {
            std::thread::sleep(Duration::from_millis(20));
        }
        program
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

/// Sends a file from a to b, and returns which path each side reports.
fn send(lab: &Lab, server: &str, wish: &str) -> [String; 2] {
    let device = || Device::new(server).with("WHERRY_RELAY", wish);
    send_between(lab, &device(), &device())
}

/// The same between two devices that are set up already.
fn send_between(lab: &Lab, ana: &Device, ben: &Device) -> [String; 2] {
    let start = |node: &str, device: &Device, arguments: &[&str]| -> Running {
        lab.node(node).inside(|| device.start(arguments))
    };
    let file = ana.path("trip.mov");
    make_file(&file, 4 * MIB + 5, 1);
    let mut sending = start("a", ana, &["send", &file.display().to_string(), "--code"]);
    let issued = sending.wait_for("code_issued");
    let code = issued["code"].as_str().unwrap().to_owned();
    let into = ben.path("into");
    let shown = into.display().to_string();
    let mut receiving = start("b", ben, &["receive", &code, "--into", &shown, "--yes"]);
    let ended = [
        receiving.end().expect_success(),
        sending.end().expect_success(),
    ];
    same_file(&file, &into.join("trip.mov"));
    ended.map(|ended| {
        let completed = ended.event("transfer_completed");
        completed["path"].as_str().unwrap().to_owned()
    })
}

/// A server whose own relay is the only one.
fn with_the_servers_relay(a: &str, b: &str) -> [String; 2] {
    let lab = Lab::up(&Plan::between(a, b).unwrap()).unwrap();
    let listen = ["--listen", "11.0.0.1:443"];
    let _server = Program::start(
        lab.node("inet"),
        "wherry-signaling",
        &listen,
        "11.0.0.1:443",
    );
    send(&lab, "ws://11.0.0.1:443/ws", "automatic")
}

/// A server that knows a relay elsewhere.
fn with_a_relay_elsewhere(start: impl FnOnce(&Node, &Path) -> Program) -> [String; 2] {
    let lab = Lab::up(&Plan::between("sym", "sym").unwrap()).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let secret = folder.path().join("secret");
    std::fs::write(&secret, "a secret of some length").unwrap();
    let configuration = folder.path().join("signaling.toml");
    let text = format!(
        "[relays]\nserve = false\nelsewhere = [\"turn:11.0.0.2:3478\"]\nsecret_file = \"{}\"\n",
        secret.display()
    );
    std::fs::write(&configuration, text).unwrap();
    let configuration = configuration.display().to_string();
    let arguments = ["--listen", "11.0.0.1:443", "--config", &configuration];
    let _server = Program::start(
        lab.node("inet"),
        "wherry-signaling",
        &arguments,
        "11.0.0.1:443",
    );
    let _relay = start(lab.node("inet"), folder.path());
    send(&lab, "ws://11.0.0.1:443/ws", "automatic")
}

#[test]
fn two_behind_symmetric_nats_go_through_the_servers_own_relay() {
    let name = "two_behind_symmetric_nats_go_through_the_servers_own_relay";
    netlab::alone::test(name, || {
        assert_eq!(with_the_servers_relay("sym", "sym"), ["relay", "relay"]);
    });
}

#[test]
fn two_behind_ordinary_nats_meet_directly_without_being_told_of_any_other_server() {
    let name = "two_behind_ordinary_nats_meet_directly_without_being_told_of_any_other_server";
    netlab::alone::test(name, || {
        assert_eq!(with_the_servers_relay("prc", "prc"), ["direct", "direct"]);
    });
}

#[test]
fn a_network_that_lets_nothing_out_but_tcp_to_port_443_still_sends() {
    let name = "a_network_that_lets_nothing_out_but_tcp_to_port_443_still_sends";
    netlab::alone::test(name, || {
        assert_eq!(
            with_the_servers_relay("udpblock", "prc"),
            ["relay", "relay"]
        );
    });
}

#[test]
fn a_file_goes_through_wherry_turn() {
    netlab::alone::test("a_file_goes_through_wherry_turn", || {
        let paths = with_a_relay_elsewhere(|node, folder| {
            let secret = folder.join("secret").display().to_string();
            let arguments = ["--listen", "11.0.0.2:3478", "--secret-file", &secret];
            Program::start(node, "wherry-turn", &arguments, "11.0.0.2:3478")
        });
        assert_eq!(paths, ["relay", "relay"]);
    });
}

/// Starts coturn as this project ships it, without TLS; `settings` holds its secrets, and what is to be otherwise.
fn start_coturn(node: &Node, folder: &Path, settings: &str) -> Program {
    let is_set = |key: &str| {
        let mut set = settings.lines().filter_map(|line| line.split_once('='));
        set.any(|(name, _)| name == key)
    };
    let mut text = settings.to_owned();
    for line in include_str!("../../../turn/deploy/coturn.conf").lines() {
        let key = line.split('=').next().unwrap_or_default();
        text += &match key {
            key if is_set(key) => String::new(),
            "listening-ip" | "relay-ip" => format!("{key}=11.0.0.2\n"),
            "pidfile" => format!("{key}={}\n", folder.join("pid").display()),
            "proc-user" | "proc-group" | "syslog" | "cert" | "pkey" => String::new(),
            "tls-listening-port" => "no-tls\n".to_owned(),
            _ => format!("{line}\n"),
        };
    }
    let path = folder.join("coturn.conf");
    std::fs::write(&path, text).unwrap();
    let arguments = ["-c", path.to_str().unwrap()];
    Program::start(node, "turnserver", &arguments, "11.0.0.2:3478")
}

#[test]
fn a_file_goes_through_coturn() {
    netlab::alone::test("a_file_goes_through_coturn", || {
        let paths = with_a_relay_elsewhere(|node, folder| {
            start_coturn(node, folder, "static-auth-secret=a secret of some length\n")
        });
        assert_eq!(paths, ["relay", "relay"]);
    });
}

/// Sends from a network where only a proxy gets out, by TLS to port 443 and nothing else.
fn send_through_proxy(variable: &str, proxy: &str) -> [String; 2] {
    let lab = Lab::up(&Plan::between("proxy", "prc").unwrap()).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let authority = certify(folder.path(), "11.0.0.1");
    let path = |name: &str| folder.path().join(name).display().to_string();
    let (cert, key) = (path("server.pem"), path("server.key"));
    let arguments = [
        "--listen",
        "11.0.0.1:443",
        "--tls-cert",
        &cert,
        "--tls-key",
        &key,
    ];
    let _server = Program::start(
        lab.node("inet"),
        "wherry-signaling",
        &arguments,
        "11.0.0.1:443",
    );
    let device = || Device::new("wss://11.0.0.1/ws").with("WHERRY_CA_FILE", &authority);
    let behind = device().with(variable, proxy);
    let paths = send_between(&lab, &behind, &device());
    assert!(
        lab.proxy("a").unwrap().connected() >= 2,
        "the server and a relay"
    );
    paths
}

/// Makes a certificate for the lab's server, and returns where its authority is.
fn certify(folder: &Path, address: &str) -> String {
    let made = rcgen::generate_simple_self_signed([address.to_owned()]).unwrap();
    std::fs::write(folder.join("server.pem"), made.cert.pem()).unwrap();
    std::fs::write(folder.join("server.key"), made.signing_key.serialize_pem()).unwrap();
    folder.join("server.pem").display().to_string()
}

#[test]
fn a_network_with_nothing_but_an_http_proxy_still_sends() {
    netlab::alone::test(
        "a_network_with_nothing_but_an_http_proxy_still_sends",
        || {
            for variable in ["WHERRY_PROXY", "https_proxy"] {
                let paths = send_through_proxy(variable, "http://192.168.1.1:3128");
                assert_eq!(paths, ["relay", "relay"], "{variable}");
            }
        },
    );
}

#[test]
fn a_network_with_nothing_but_a_socks_proxy_still_sends() {
    netlab::alone::test(
        "a_network_with_nothing_but_a_socks_proxy_still_sends",
        || {
            let paths = send_through_proxy("WHERRY_PROXY", "socks5://192.168.1.1:3128");
            assert_eq!(paths, ["relay", "relay"]);
        },
    );
}

/// Lets nothing pass between the two devices but what goes to the server.
const APART: &str = "table ip apart {
  chain between {
    type filter hook forward priority 0;
    iifname \"wan-a\" oifname \"wan-b\" drop
    iifname \"wan-b\" oifname \"wan-a\" drop
  }
}
";

#[test]
fn a_transfer_moves_from_a_relay_to_a_direct_way_without_losing_anything() {
    let name = "a_transfer_moves_from_a_relay_to_a_direct_way_without_losing_anything";
    netlab::alone::test(name, || {
        let lab = Lab::up(&Plan::between("prc", "prc").unwrap()).unwrap();
        let inet = lab.node("inet");
        inet.load_rules(APART).unwrap();
        let listen = ["--listen", "11.0.0.1:443"];
        let _server = Program::start(inet, "wherry-signaling", &listen, "11.0.0.1:443");
        let device = || Device::new("ws://11.0.0.1:443/ws");
        let (ana, ben) = (device(), device());
        let file = ana.path("trip.mov");
        make_file(&file, 60 * MIB, 1);
        let shown = file.display().to_string();
        let arguments = ["send", &shown, "--code", "--limit", "3M"];
        let mut sending = lab.node("a").inside(|| ana.start(&arguments));
        let code = e2e::code_of(&mut sending);
        let into = ben.path("into");
        let place = into.display().to_string();
        let arguments = ["receive", &code, "--into", &place, "--yes"];
        let mut receiving = lab.node("b").inside(|| ben.start(&arguments));
        let path_is = |running: &mut Running, path: &str| {
            let told =
                running.wait_until(|it| it["event"] == "transfer_progress" && it["path"] == path);
            told.unwrap_or_else(|| panic!("never {path}"));
        };
        path_is(&mut receiving, "relay");
        inet.load_rules("delete table ip apart\n").unwrap();
        path_is(&mut receiving, "direct");
        path_is(&mut sending, "direct");
        for mut running in [receiving, sending] {
            let ended = running.end().expect_success();
            let completed = ended.event("transfer_completed");
            assert_eq!(completed["path"], "direct");
            assert_eq!(
                completed["resent_bytes"].as_u64().unwrap_or(0),
                0,
                "{completed}"
            );
        }
        same_file(&file, &into.join("trip.mov"));
    });
}
