//! `wherry run` as the system's supervisor and its administrator meet it, and commands for scripts.

use std::fs;
use std::os::unix::net::UnixDatagram;
use std::path::Path;
use std::time::{Duration, Instant};

use e2e::{Device, Running, Server, make_file, same_file, visible_names};

/// A supervisor's end of `NOTIFY_SOCKET`.
struct Supervisor(UnixDatagram);

impl Supervisor {
    fn new(path: &Path) -> Self {
        let socket = UnixDatagram::bind(path).expect("a socket");
        socket
            .set_read_timeout(Some(PATIENCE))
            .expect("a timeout can be set");
        Self(socket)
    }

    fn wait_for(&self, line: &str) {
        let deadline = Instant::now() + PATIENCE;
        let mut heard = Vec::new();
        let mut buffer = [0; 4_096];
        while Instant::now() < deadline {
            let length = self.0.recv(&mut buffer).unwrap_or(0);
            let message = String::from_utf8_lossy(&buffer[..length]).into_owned();
            if message.lines().any(|it| it == line) {
                return;
            }
            heard.push(message);
        }
        panic!("no {line}: {heard:?}");
    }
}

const PATIENCE: Duration = Duration::from_secs(60);

fn text(path: &Path) -> String {
    path.display().to_string()
}

fn pair(ana: &Device, ben: &Device) -> String {
    let mut showing = ana.start(&["pair", "--yes"]);
    let issued = showing.wait_for("code_issued");
    let mut typing = ben.start(&["pair", issued["code"].as_str().expect("a code"), "--yes"]);
    let added = showing.end().expect_success();
    typing.end().expect_success();
    added.event("contact_added")["contact"]
        .as_str()
        .expect("an id")
        .to_owned()
}

fn send_ok(from: &Device, to: &str, file: &Path) {
    from.start(&["send", &text(file), "--to", to])
        .end()
        .expect_success();
}

#[test]
fn a_supervisor_hears_ready_alive_reloading_and_stopping() {
    let server = Server::start();
    let device = Device::new(&server.url);
    let socket = device.path("notify");
    let supervisor = Supervisor::new(&socket);
    let device = device
        .with("NOTIFY_SOCKET", &text(&socket))
        .with("WATCHDOG_USEC", "400000");
    let mut running = device.start(&["run", "--yes", "--into", &text(&device.path("into"))]);
    supervisor.wait_for("READY=1");
    supervisor.wait_for("STATUS=Online.");
    for _ in 0..3 {
        supervisor.wait_for("WATCHDOG=1");
    }
    running.signal("HUP");
    supervisor.wait_for("RELOADING=1");
    supervisor.wait_for("READY=1");
    running.signal("TERM");
    supervisor.wait_for("STOPPING=1");
    running.end().expect_success();
}

#[test]
fn a_hangup_reads_the_settings_again_and_wrong_ones_change_nothing() {
    let (server, other) = (Server::start(), Server::start());
    let (mut ana, ben) = (Device::new(&server.url), Device::new(&server.url));
    let contact = pair(&ana, &ben);
    let file = ana.path("file");
    make_file(&file, 100_000, 1);
    let ben_home = ben.path("home/config.toml");
    let write = |folder: &Path, server: &str| {
        let settings = format!(
            "server-url = '{server}'\ndestination-folder = '{}'\ndisk-reserve-bytes = 0\n",
            folder.display()
        );
        fs::write(&ben_home, settings).unwrap();
    };
    let (first, second) = (ben.path("first"), ben.path("second"));
    write(&first, &server.url);
    let mut running = start_run(&ben);
    running.wait_for("ready");
    send_ok(&ana, &contact, &file);
    same_file(&file, &first.join("file"));

    // A wrong value is told and nothing changes.
    fs::write(&ben_home, "disk-reserve-bytes = 'lots'\n").unwrap();
    running.signal("HUP");
    let told = running.wait_for("error");
    let message = told["message"].as_str().unwrap();
    assert!(message.contains("disk-reserve-bytes"), "{message}");
    send_ok(&ana, &contact, &file);
    assert_eq!(visible_names(&first).len(), 2);

    // Right ones hold at once: another folder, and another server.
    write(&second, &other.url);
    running.signal("HUP");
    running.wait_for("ready");
    ana.move_to(&other.url);
    send_ok(&ana, &contact, &file);
    same_file(&file, &second.join("file"));
    running.signal("TERM");
    running.end().expect_success();
}

/// Starts `wherry run` with nothing but what the settings file says.
fn start_run(device: &Device) -> Running {
    let mut command = device.command_without_server(&["run", "--yes"]);
    Running::start(&mut command)
}

#[test]
fn a_log_file_is_bounded_kept_once_and_follows_a_move() {
    let server = Server::start();
    let device = Device::new(&server.url);
    let log = device.path("wherry.log");
    let socket = device.path("notify");
    let supervisor = Supervisor::new(&socket);
    let device = device.with("NOTIFY_SOCKET", &text(&socket));
    let mut running = device.start(&[
        "run",
        "--yes",
        "--into",
        &text(&device.path("into")),
        "--log-file",
        &text(&log),
        "--log-size",
        "1K",
    ]);
    supervisor.wait_for("STATUS=Online.");
    for _ in 0..40 {
        running.signal("HUP");
        supervisor.wait_for("RELOADING=1");
        supervisor.wait_for("READY=1");
    }
    let old = log.with_extension("log.1");
    for file in [&log, &old] {
        let length = fs::metadata(file).unwrap().len();
        assert!(
            (1..=1_024).contains(&length),
            "{}: {length}",
            file.display()
        );
    }
    let moved = log.with_extension("moved");
    fs::rename(&log, &moved).unwrap();
    running.signal("HUP");
    supervisor.wait_for("RELOADING=1");
    supervisor.wait_for("READY=1");
    assert!(fs::read_to_string(&log).unwrap().contains("read again"));
    running.signal("TERM");
    running.end().expect_success();
}

#[test]
fn a_daemon_that_is_ended_lets_attached_commands_go_and_the_transfer_resumes() {
    let server = Server::start();
    let (ana, ben) = (Device::new(&server.url), Device::new(&server.url));
    let contact = pair(&ana, &ben);
    let file = ana.path("file");
    make_file(&file, 30_000_000, 3);
    let mut owner = ana.start(&["run", "--yes", "--into", &text(&ana.path("into"))]);
    owner.wait_for("ready");
    let mut sending = ana.start(&["send", &text(&file), "--to", &contact, "--wait"]);
    sending.wait_for("transfer_added");
    owner.signal("TERM");
    owner.end().expect_success();
    assert_eq!(sending.end().code(), 12);

    let into = ben.path("into");
    let mut running = ben.start(&["run", "--yes", "--into", &text(&into)]);
    running.wait_for("ready");
    let mut sending = ana.start(&["send", &text(&file), "--to", &contact]);
    running.wait_until(|it| it["event"] == "transfer_progress");
    running.signal("TERM");
    running.end().expect_success();
    let mut running = ben.start(&["run", "--yes", "--into", &text(&into)]);
    sending.end().expect_success();
    running.wait_for("transfer_completed");
    same_file(&file, &into.join("file"));
    assert_eq!(visible_names(&into), ["file"]);
}

#[test]
fn commands_with_a_timeout_end_with_thirteen_and_go_on_later() {
    let server = Server::start();
    let (ana, ben) = (Device::new(&server.url), Device::new(&server.url));
    let contact = pair(&ana, &ben);
    let file = ana.path("file");
    make_file(&file, 100_000, 4);
    let send = ["send", &text(&file), "--to", &contact, "--wait"];
    let ended = ana.start(&[&send[..], &["--timeout", "1"]].concat()).end();
    assert_eq!(ended.code(), 13, "{ended:#?}");
    assert_eq!(ended.event("error")["code"], "timed_out");
    let into = text(&ben.path("into"));
    let receive = ["receive", "--once", "--yes", "--into", &into];
    let ended = ben
        .start(&[&receive[..], &["--timeout", "1"]].concat())
        .end();
    assert_eq!(ended.code(), 13, "{ended:#?}");
    let ended = ana
        .start(&["send", &text(&file), "--code", "--timeout", "1"])
        .end();
    assert_eq!(ended.code(), 13, "{ended:#?}");

    let mut receiving = ben.start(&receive);
    ana.start(&send).end().expect_success();
    receiving.end().expect_success();
    same_file(&file, &ben.path("into/file"));
}

#[test]
fn when_the_owner_of_a_home_ends_a_daemon_takes_over_and_a_command_says_so() {
    let server = Server::start();
    let ana = Device::new(&server.url).named("Ana");
    let ben = Device::new(&server.url);
    let mut showing = ana.start(&["pair", "--yes"]);
    let issued = showing.wait_for("code_issued");
    let code = issued["code"].as_str().expect("a code").to_owned();
    let socket = ana.path("notify");
    let supervisor = Supervisor::new(&socket);
    let ana = ana.with("NOTIFY_SOCKET", &text(&socket));
    let mut attached = ana.start(&["run", "--yes", "--into", &text(&ana.path("into"))]);
    supervisor.wait_for("READY=1");
    ben.start(&["pair", &code, "--yes"]).end().expect_success();
    showing.wait_for("contact_added");
    let later = ana.path("later.txt");
    make_file(&later, 10, 2);
    let name = ana.run(&["contacts", "list"]).event("contact")["name"].clone();
    let name = name.as_str().expect("a name");
    let mut sending = ana.start(&["send", &text(&later), "--to", name, "--wait"]);
    sending.wait_for("transfer_added");
    showing.signal("INT");
    showing.end().expect_success();
    assert_eq!(sending.end().code(), 12);
    let file = ben.path("trip.mov");
    make_file(&file, 100_000, 1);
    ben.run(&["send", &text(&file), "--to", "Ana"]);
    attached.wait_for("transfer_completed");
    same_file(&file, &ana.path("into").join("trip.mov"));
}
