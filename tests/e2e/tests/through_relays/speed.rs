//! How fast transfers go through relays, beside a direct way on the same link.
//!
//! `make bench` prints the table, for 200 MB (`WHERRY_SPEED_ONLY` names one row); without `WHERRY_SPEED_BYTES` it is only looked whether each way works.
//! TCP on the way to relays is CUBIC, as nearly everywhere; `WHERRY_SPEED_TCP` names another one.
//! `WHERRY_STRICT_TIMES=1`, on a machine with nothing else to do, holds every relay to nine tenths of the direct speed.

use std::path::Path;
use std::time::{Duration, Instant};

use e2e::{Device, Running, code_of, make_file, same_file};
use netlab::{Lab, Plan};

use super::{Program, certify};

/// 100 Mbit/s and 50 ms from one device to the other and back.
const LINKS: &str = "delay=12500us,rate=100mbit,queue=1m";
const SECRET: &str = "a secret of some length";
const WAYS: [(&str, &str, &str); 3] = [
    ("UDP", "turn:11.0.0.2:3478", "11.0.0.2:3478"),
    ("TCP", "turn:11.0.0.2:3478?transport=tcp", "11.0.0.2:3478"),
    ("TLS", "turns:11.0.0.2:5349", "11.0.0.2:5349"),
];

/// Starts `wherry-turn`, whose secret and certificate are in `folder`.
fn wherry_turn(lab: &Lab, folder: &Path, address: &'static str) -> Program {
    let path = |name: &str| folder.join(name).display().to_string();
    let (secret, cert, key) = (path("secret"), path("server.pem"), path("server.key"));
    let listen = ["--listen", "11.0.0.2:3478", "--tls-listen", "11.0.0.2:5349"];
    let more = [
        "--secret-file",
        &secret,
        "--tls-cert",
        &cert,
        "--tls-key",
        &key,
    ];
    Program::start(
        lab.node("inet"),
        "wherry-turn",
        &[listen.as_slice(), &more].concat(),
        address,
    )
}

/// Starts coturn with the configuration of this project, without its limit of speed.
fn coturn(lab: &Lab, folder: &Path, address: &'static str) -> Program {
    let shown = |name: &str| folder.join(name).display().to_string();
    let mut text = String::new();
    for line in include_str!("../../../../turn/deploy/coturn.conf").lines() {
        let key = line.split('=').next().unwrap_or_default();
        text += &match key {
            "listening-ip" | "relay-ip" => format!("{key}=11.0.0.2\n"),
            "static-auth-secret" => format!("{key}={SECRET}\n"),
            "tls-listening-port" => format!("{key}=5349\n"),
            "cert" => format!("cert={}\n", shown("server.pem")),
            "pkey" => format!("pkey={}\n", shown("server.key")),
            "pidfile" => format!("{key}={}\n", shown("pid")),
            "proc-user" | "proc-group" | "syslog" | "max-bps" => String::new(),
            _ => format!("{line}\n"),
        };
    }
    let configuration = folder.join("coturn.conf");
    std::fs::write(&configuration, text).unwrap();
    let arguments = ["-c", configuration.to_str().unwrap()];
    Program::start(lab.node("inet"), "turnserver", &arguments, address)
}

type Start = fn(&Lab, &Path, &'static str) -> Program;

/// Carries a file, directly or through the relay that `relay` starts, and returns Mbit/s.
fn speed(relay: Option<(Start, &str, &'static str)>) -> f64 {
    let plan = Plan::between("none", "none").and_then(|plan| plan.with_links(LINKS));
    let lab = Lab::up(&plan.unwrap()).unwrap();
    let tcp = std::env::var("WHERRY_SPEED_TCP");
    lab.use_congestion_control(tcp.as_deref().unwrap_or("cubic"))
        .unwrap();
    let folder = tempfile::tempdir().unwrap();
    let authority = certify(folder.path(), "11.0.0.2");
    std::fs::write(folder.path().join("secret"), SECRET).unwrap();
    let elsewhere = relay.map_or(String::new(), |(_, uri, _)| format!("\"{uri}\""));
    let secret = folder.path().join("secret").display().to_string();
    let text =
        format!("[relays]\nserve = false\nelsewhere = [{elsewhere}]\nsecret_file = \"{secret}\"\n");
    let configuration = folder.path().join("signaling.toml");
    std::fs::write(&configuration, text).unwrap();
    let configuration = configuration.display().to_string();
    let arguments = ["--listen", "11.0.0.1:443", "--config", &configuration];
    let _server = Program::start(
        lab.node("inet"),
        "wherry-signaling",
        &arguments,
        "11.0.0.1:443",
    );
    let _relay = relay.map(|(start, _, address)| start(&lab, folder.path(), address));
    let wish = if relay.is_some() { "only" } else { "never" };
    let device = || {
        let device = Device::new("ws://11.0.0.1:443/ws").with("WHERRY_RELAY", wish);
        device.with("WHERRY_CA_FILE", &authority)
    };
    carry(
        &lab,
        &device(),
        &device(),
        if relay.is_some() { "relay" } else { "direct" },
    )
}

fn carry(lab: &Lab, ana: &Device, ben: &Device, path: &str) -> f64 {
    let asked = std::env::var("WHERRY_SPEED_BYTES").ok();
    let bytes: usize = asked.map_or(3_000_000, |it| it.parse().unwrap());
    let file = ana.path("trip.mov");
    make_file(&file, bytes, 1);
    let shown = file.display().to_string();
    let mut sending: Running = lab
        .node("a")
        .inside(|| ana.start(&["send", &shown, "--code"]));
    let code = code_of(&mut sending);
    let into = ben.path("into");
    let place = into.display().to_string();
    let arguments = ["receive", &code, "--into", &place, "--yes"];
    let mut receiving = lab.node("b").inside(|| ben.start(&arguments));
    receiving.wait_for("offer_received");
    let start = Instant::now();
    while !receiving.has_ended() && !receiving.has_said("transfer_completed") {
        std::thread::sleep(Duration::from_millis(5));
    }
    let took = start.elapsed().as_secs_f64();
    let ended = receiving.end().expect_success();
    assert_eq!(ended.event("transfer_completed")["path"], path);
    sending.end().expect_success();
    same_file(&file, &into.join("trip.mov"));
    to_f64(bytes) * 8.0 / 1e6 / took
}

#[expect(clippy::print_stdout, reason = "the speeds are what is found out")]
fn report(what: &str, speed: f64, direct: f64) {
    println!(
        "speed: {what}: {speed:.1} Mbit/s, {:.2} of direct",
        speed / direct
    );
}

#[test]
fn every_way_through_every_relay_carries_files() {
    let name = "speed::every_way_through_every_relay_carries_files";
    netlab::alone::test(name, || {
        let is_strict = std::env::var("WHERRY_STRICT_TIMES").is_ok_and(|strict| strict == "1");
        let direct = speed(None);
        report("direct", direct, direct);
        let only = std::env::var("WHERRY_SPEED_ONLY").unwrap_or_default();
        for (relay, start) in [("wherry-turn", wherry_turn as Start), ("coturn", coturn)] {
            for (way, uri, address) in WAYS {
                let what = format!("{relay} by {way}");
                if !what.contains(&only) {
                    continue;
                }
                let relayed = speed(Some((start, uri, address)));
                report(&what, relayed, direct);
                assert!(
                    !is_strict || relayed >= 0.9 * direct,
                    "{what}: {relayed:.1}"
                );
            }
        }
    });
}

fn to_f64(bytes: usize) -> f64 {
    f64::from(u32::try_from(bytes).expect("less than four gigabytes"))
}
