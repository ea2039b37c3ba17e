//! A relayed transfer outlives everything that is good for a while only: credentials, allocations, secrets, networks.
//!
//! Lifetimes are seconds instead of an hour. `WHERRY_RELAY_SECONDS` says how long the transfer is to last.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use e2e::{Device, Running, code_of, make_file, same_file};
use netlab::{Lab, Node, Plan, Side};

use super::{Program, start_coturn};

const SECRETS: [&str; 3] = [
    "a secret of some length",
    "the one that comes next",
    "and the one after that",
];
const SERVER: &str = "11.0.0.1:443";
/// Bytes that are sent every second.
const RATE: u64 = 1_000_000;

/// Two devices that only want relays, and what is between them.
struct Scene {
    lab: Lab,
    folder: tempfile::TempDir,
    server: Option<Program>,
    _relay: Program,
}

impl Scene {
    fn new(relay: fn(&Node, &Path) -> Program) -> Self {
        let mut plan = Plan::between("prc", "prc").unwrap();
        plan.spare = Some(Side::of("arc").unwrap());
        let lab = Lab::up(&plan.with_links("delay=10ms,rate=40mbit").unwrap()).unwrap();
        let folder = tempfile::tempdir().unwrap();
        for (name, secret) in ["old", "new"].iter().zip(SECRETS) {
            fs::write(folder.path().join(name), secret).unwrap();
        }
        let relay = relay(lab.node("inet"), folder.path());
        let mut scene = Self {
            lab,
            folder,
            server: None,
            _relay: relay,
        };
        scene.serve("old");
        scene
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Starts the signaling server, or another one in its place, which makes credentials with the secret in `name`.
    fn serve(&mut self, name: &str) {
        drop(self.server.take());
        let secret = self.path(name).display().to_string();
        let text = format!(
            "[relays]\nserve = false\nelsewhere = [\"turn:11.0.0.2:3478\"]\nsecret_file = \"{secret}\"\nlifetime_s = 8\n"
        );
        let configuration = self.path("signaling.toml");
        fs::write(&configuration, text).unwrap();
        let configuration = configuration.display().to_string();
        let arguments = ["--listen", SERVER, "--config", &configuration];
        let inet = self.lab.node("inet");
        self.server = Some(Program::start(inet, "wherry-signaling", &arguments, SERVER));
    }

    fn start(&self, node: &str, device: &Device, arguments: &[&str]) -> Running {
        self.lab.node(node).inside(|| device.start(arguments))
    }

    /// Three other networks, and another secret, one after the other.
    fn change(&mut self, pause: Duration) {
        thread::sleep(pause);
        self.lab.switch_to_spare().unwrap();
        thread::sleep(pause);
        self.serve("new");
        thread::sleep(pause);
        self.lab.switch_back().unwrap();
        thread::sleep(pause);
        // Whoever still has credentials of the first secret gets nothing for them any more.
        fs::write(self.path("old"), SECRETS[2]).unwrap();
        thread::sleep(pause);
        self.lab.readdress("a", [192, 168, 1, 77].into()).unwrap();
    }
}

fn wherry_turn(node: &Node, folder: &Path) -> Program {
    let path = |name: &str| folder.join(name).display().to_string();
    let text = format!(
        "listen = [\"11.0.0.2:3478\"]\nsecret_files = [\"{}\", \"{}\"]\n[limits]\nlifetime_s = 6\n",
        path("old"),
        path("new")
    );
    fs::write(folder.join("turn.toml"), text).unwrap();
    let arguments = ["--config", &path("turn.toml")];
    Program::start(node, "wherry-turn", &arguments, "11.0.0.2:3478")
}

fn coturn(node: &Node, folder: &Path) -> Program {
    let [old, new, _] = SECRETS;
    let settings = format!(
        "static-auth-secret={old}\nstatic-auth-secret={new}\nmax-allocate-lifetime=6\nstale-nonce=5\n"
    );
    start_coturn(node, folder, &settings)
}

fn seconds() -> u64 {
    let asked = std::env::var("WHERRY_RELAY_SECONDS").ok();
    asked.map_or(8, |it| it.parse().unwrap())
}

#[expect(clippy::print_stdout, reason = "the length of gaps is found out")]
fn outlive(what: &str, mut scene: Scene) {
    let device = || Device::new(&format!("ws://{SERVER}/ws")).with("WHERRY_RELAY", "only");
    let (ana, ben) = (device(), device());
    let file = ana.path("trip.mov");
    // Half as much again, so that it still runs when everything has changed.
    let bytes = seconds() * RATE * 3 / 2;
    make_file(&file, usize::try_from(bytes).unwrap(), 1);
    let shown = file.display().to_string();
    let limit = RATE.to_string();
    let arguments = ["send", &shown, "--code", "--limit", &limit];
    let mut sending = scene.start("a", &ana, &arguments);
    let code = code_of(&mut sending);
    let into = ben.path("into");
    let place = into.display().to_string();
    let arguments = ["receive", &code, "--into", &place, "--yes"];
    let mut receiving = scene.start("b", &ben, &arguments);
    receiving.wait_for("transfer_progress");
    let has_changed = AtomicBool::new(false);
    let (mut last, mut longest) = (Instant::now(), Duration::ZERO);
    thread::scope(|scope| {
        scope.spawn(|| {
            scene.change(Duration::from_secs(seconds()) / 6);
            has_changed.store(true, Ordering::Relaxed);
        });
        let mut done = 0;
        let is_news =
            |it: &serde_json::Value| it["event"].as_str().is_some_and(|it| it.starts_with("tr"));
        while let Some(event) = receiving.wait_until(is_news) {
            if event["event"] == "transfer_completed" {
                break;
            }
            let now = event["bytes"].as_u64().unwrap_or(done);
            if now > done {
                done = now;
                longest = longest.max(last.elapsed());
                last = Instant::now();
            }
        }
        assert!(has_changed.load(Ordering::Relaxed), "it ran all the time");
    });
    for running in [&mut receiving, &mut sending] {
        let ended = running.end().expect_success();
        assert_eq!(ended.event("transfer_completed")["path"], "relay");
    }
    same_file(&file, &into.join("trip.mov"));
    println!(
        "lasting: through {what}: nothing arrived for at most {:.1} s",
        longest.as_secs_f64()
    );
}

#[test]
fn a_transfer_through_wherry_turn_outlives_credentials_secrets_and_networks() {
    let name = "lasting::a_transfer_through_wherry_turn_outlives_credentials_secrets_and_networks";
    netlab::alone::test(name, || outlive("wherry-turn", Scene::new(wherry_turn)));
}

#[test]
fn a_transfer_through_coturn_outlives_credentials_secrets_and_networks() {
    let name = "lasting::a_transfer_through_coturn_outlives_credentials_secrets_and_networks";
    netlab::alone::test(name, || outlive("coturn", Scene::new(coturn)));
}
