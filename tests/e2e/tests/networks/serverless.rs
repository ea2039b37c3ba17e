//! Contacts in one local network, with no server anywhere and no way out.

use std::fs;
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::Stdio;
use std::thread::sleep;
use std::time::{Duration, Instant};

use e2e::{Device, Running, binary, make_file, pair_with, same_file};
use netlab::{Lab, Node, alone};

use super::text;

/// Machines whose people paired when there was a server, which is gone.
pub(super) struct Office {
    devices: Vec<Device>,
    lab: Lab,
}

impl Office {
    pub(super) fn of(names: &[&str]) -> Self {
        let machines: Vec<(&str, u8)> = names.iter().map(|name| (*name, 1)).collect();
        let lab = Lab::team(&machines).expect("a lab");
        let first = lab.node(names[0]);
        let mut server = first
            .command(binary("wherry-signaling"))
            .args(["--listen", &format!("0.0.0.0:{PORT}")])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("a server starts");
        let deadline = Instant::now() + PATIENCE;
        while first.inside(|| TcpStream::connect(("127.0.0.1", PORT)).is_err()) {
            assert!(Instant::now() < deadline, "the server does not answer");
            sleep(Duration::from_millis(20));
        }
        let devices: Vec<Device> = names
            .iter()
            .map(|name| Device::new(SERVER).inside(name).named(name))
            .collect();
        for (place, one) in devices.iter().enumerate() {
            for other in &devices[place + 1..] {
                pair_with(one, &[], other);
            }
        }
        server.kill().expect("the server ends");
        server.wait().expect("the server ends");
        let devices = devices.into_iter().map(Device::on_local_networks);
        Self {
            devices: devices.collect(),
            lab,
        }
    }

    /// Nobody knows of any server any more.
    pub(super) fn without_server(mut self) -> Self {
        for device in &mut self.devices {
            device.move_to("");
        }
        self
    }

    /// The device at a place in the list.
    pub(super) fn device(&self, place: usize) -> &Device {
        &self.devices[place]
    }

    /// The network of a machine.
    pub(super) fn node(&self, name: &str) -> &Node {
        self.lab.node(name)
    }

    /// Lets the first so many be there.
    pub(super) fn run(&self, machines: usize) -> Vec<Running> {
        let devices = self.devices.iter().take(machines);
        let mut running: Vec<_> = devices.map(|device| device.start(&["run"])).collect();
        for running in &mut running {
            running.wait_for("ready");
        }
        running
    }

    /// Sends a file from the first to the second.
    pub(super) fn send(&self) {
        let [ana, ben] = [&self.devices[0], &self.devices[1]];
        let file = ana.path("trip.mov");
        make_file(&file, 3_000_000, 1);
        let into = ben.path("into");
        let mut receiving = ben.start(&["receive", "--into", &text(&into), "--yes"]);
        let mut sending = ana.start(&["send", &text(&file), "--to", "ben"]);
        let sent = sending.end().expect_success();
        receiving.end().expect_success();
        same_file(&file, &into.join("trip.mov"));
        assert_eq!(sent.event("transfer_completed")["path"], "local");
        fs::remove_dir_all(&into).expect("it can be removed");
    }
}

#[test]
fn a_file_goes_to_a_contact_with_no_server_at_all() {
    alone::test(
        "serverless::a_file_goes_to_a_contact_with_no_server_at_all",
        || Office::of(&["ana", "ben"]).without_server().send(),
    );
}

#[test]
fn a_file_goes_to_a_contact_while_the_server_is_out_of_reach() {
    alone::test(
        "serverless::a_file_goes_to_a_contact_while_the_server_is_out_of_reach",
        || Office::of(&["ana", "ben"]).send(),
    );
}

#[test]
fn a_contact_is_found_where_it_was_in_a_network_that_carries_no_announcements() {
    alone::test(
        "serverless::a_contact_is_found_where_it_was_in_a_network_that_carries_no_announcements",
        || {
            let office = Office::of(&["ana", "ben"]).without_server();
            office.send();
            for name in ["ana", "ben"] {
                let node = office.lab.node(name);
                node.load_rules(NO_ANNOUNCEMENTS).expect("rules");
            }
            office.send();
        },
    );
}

#[test]
fn three_machines_share_a_folder_and_all_edits_go_to_all() {
    alone::test(
        "serverless::three_machines_share_a_folder_and_all_edits_go_to_all",
        || {
            let office = Office::of(&["ana", "ben", "mia"]).without_server();
            let mut running = office.run(3);
            let folders: Vec<_> = office.devices.iter().map(|it| it.path("shared")).collect();
            share_with(&office.devices, &mut running, &folders);
            for running in &mut running {
                running.signal("TERM");
                running.end().expect_success();
            }
        },
    );
}

/// Shares a folder of the first device with the others, and lets each of them change something in it.
pub(super) fn share_with(devices: &[Device], running: &mut [Running], folders: &[PathBuf]) {
    let write = |place: usize, name: &str| {
        fs::create_dir_all(&folders[place]).expect("a folder");
        fs::write(folders[place].join(name), name).expect("a file");
    };
    let arrives = |name: &str| {
        let deadline = Instant::now() + PATIENCE;
        let has = |folder: &PathBuf| {
            fs::read_to_string(folder.join(name)).is_ok_and(|content| content == name)
        };
        while !folders.iter().all(has) {
            assert!(Instant::now() < deadline, "{name} is not everywhere");
            sleep(Duration::from_millis(20));
        }
    };
    write(0, "by ana");
    let shared = text(&folders[0]);
    let names = ["ben", "mia"];
    let with = names.iter().flat_map(|name| ["--with", *name]);
    let arguments: Vec<&str> = ["share", &shared].into_iter().chain(with).collect();
    devices[0].run(&arguments);
    for place in [1, 2] {
        running[place]
            .wait_until(|event| event["event"] == "folder" && event["what"] == "invited")
            .expect("an invitation");
        let folder = text(&folders[place]);
        devices[place].run(&["folders", "accept", "shared", &folder]);
    }
    arrives("by ana");
    write(1, "by ben");
    write(2, "by mia");
    arrives("by ben");
    arrives("by mia");
}

const PORT: u16 = 7_400;
/// At the first machine.
const SERVER: &str = "ws://192.168.1.10:7400/ws";
const PATIENCE: Duration = Duration::from_secs(60);
const NO_ANNOUNCEMENTS: &str = "
table inet quiet {
  chain in { type filter hook input priority 0; udp dport 5353 drop; }
  chain out { type filter hook output priority 0; udp dport 5353 drop; }
}
";
