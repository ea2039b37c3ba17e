use std::cell::Cell;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use e2e::{Device, Ended, Running, Server, Wire, make_file, same_file, same_tree, visible_names};

/// Who is killed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    Sender,
    Receiver,
}

/// What is carried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cargo {
    /// One file of 24 MiB.
    File,
    /// Several files of 3 MiB between many small ones, an empty one and an empty folder.
    Tree,
}

/// How the two devices know each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    Contact,
    Code,
}

/// A kill at a named point: of the side that passes it, or of the other one together with it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Kill {
    pub(crate) side: Side,
    pub(crate) point: &'static str,
    pub(crate) both: bool,
}

/// What the wire carried when nothing went wrong, for the same cargo in the same way.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Undisturbed {
    /// `None` where nobody counts.
    wire_bytes: Option<u64>,
    payload_bytes: u64,
}

/// Two devices that are contacts, their server, and nothing else on the network.
pub(crate) struct Scene {
    wire: Wire,
    _server: Server,
    ana: Device,
    ben: Device,
    rounds: Cell<u32>,
}

/// One transfer from its first command to its end.
struct Round<'a> {
    scene: &'a Scene,
    cargo: Cargo,
    way: Way,
    into: PathBuf,
    wire_bytes: Option<u64>,
    code: Option<String>,
    /// Whether the receiver alone was killed.
    sender_lived: bool,
}

impl Scene {
    pub(crate) fn new(wire: Wire) -> Self {
        let server = Server::start();
        let (ana, ben) = (Device::new(&server.url), Device::new(&server.url));
        pair(&ana, &ben);
        make_file(&ana.path(name_of(Cargo::File)), FILE_BYTES, 11);
        make_cargo_tree(&ana.path(name_of(Cargo::Tree)));
        Self {
            wire,
            _server: server,
            ana,
            ben,
            rounds: Cell::new(0),
        }
    }

    /// Measures a transfer that nothing disturbs.
    pub(crate) fn reference(&self, cargo: Cargo, way: Way) -> Undisturbed {
        let mut round = self.round(cargo, way);
        let (mut sending, mut receiving) = round.start(None);
        let received = receiving.end().expect_success();
        let sent = sending.end().expect_success();
        round.assert_arrived_once();
        let completed = sent.event("transfer_completed");
        assert_eq!(completed["resent_bytes"], 0, "{sent:#?}");
        assert_eq!(received.event("transfer_completed")["resent_bytes"], 0);
        let undisturbed = Undisturbed {
            wire_bytes: round.carried_bytes(),
            payload_bytes: completed["bytes"].as_u64().expect("a number"),
        };
        note(&format!("{cargo:?} {way:?} undisturbed: {undisturbed:?}"));
        undisturbed
    }

    /// Kills at a named point while both run, and says the same commands again.
    pub(crate) fn killed_at(&self, kill: Kill, cargo: Cargo, way: Way, undisturbed: Undisturbed) {
        let mut round = self.round(cargo, way);
        let (mut sending, mut receiving) = round.start(Some(kill));
        let (doomed, other) = match kill.side {
            Side::Sender => (&mut sending, &mut receiving),
            Side::Receiver => (&mut receiving, &mut sending),
        };
        let ended = doomed.end();
        assert_eq!(ended.status.code(), None, "{kill:?}: {ended:#?}");
        if kill.both {
            assert!(other.kill(), "{kill:?}: the other one was still there");
        }
        round.assert_nothing_half_is_visible();
        round.sender_lived = kill.side == Side::Receiver && !kill.both;
        if !round.sender_lived {
            sending = round.send(None);
        }
        if kill.both || kill.side == Side::Receiver {
            receiving = round.receive(None);
        }
        round.conclude(&format!("{kill:?}"), sending, receiving, undisturbed);
    }

    /// Kills the sender while it lists; a receiver under a code cannot be there yet.
    pub(crate) fn killed_while_listing(
        &self,
        kill: Kill,
        cargo: Cargo,
        way: Way,
        undisturbed: Undisturbed,
    ) {
        let mut round = self.round(cargo, way);
        let mut waiting = (way == Way::Contact).then(|| round.receive(None));
        if let Some(waiting) = &mut waiting {
            waiting.wait_for("ready");
        }
        let ended = round.send(Some(kill.point)).end();
        assert_eq!(ended.status.code(), None, "{kill:?}: {ended:#?}");
        if kill.both
            && let Some(mut waiting) = waiting.take()
        {
            assert!(waiting.kill());
        }
        round.assert_nothing_half_is_visible();
        let mut sending = round.send(None);
        if way == Way::Code {
            round.learn_code(&mut sending);
        }
        let receiving = waiting.unwrap_or_else(|| round.receive(None));
        round.conclude(&format!("{kill:?}"), sending, receiving, undisturbed);
    }

    /// Kills when so many thousandths of what an undisturbed transfer takes went over the wire.
    pub(crate) fn killed_on_the_way(
        &self,
        whom: (bool, bool),
        permille: u64,
        cargo: Cargo,
        way: Way,
        undisturbed: Undisturbed,
    ) {
        let (kill_receiver, kill_sender) = whom;
        let what = format!(
            "{permille}‰ of {cargo:?} by {way:?}, receiver {kill_receiver}, sender {kill_sender}"
        );
        let mut round = self.round(cargo, way);
        let (mut sending, mut receiving) = round.start(None);
        receiving.wait_for("offer_received");
        self.wait_on_the_way(permille, undisturbed, &mut receiving);
        let receiver_died = kill_receiver && receiving.kill();
        let sender_died = kill_sender && sending.kill();
        round.assert_nothing_half_is_visible();
        if sending.has_said("transfer_completed") {
            // The sender knows that everything arrived; there is nothing to go on with.
            round.assert_arrived_once();
            return;
        }
        round.sender_lived = receiver_died && !sender_died;
        if sender_died {
            sending = round.send(None);
        }
        if receiver_died || (sender_died && receiving.has_said("transfer_completed")) {
            receiving = round.receive(None);
        }
        round.conclude(&what, sending, receiving, undisturbed);
    }

    fn wait_on_the_way(&self, permille: u64, undisturbed: Undisturbed, receiving: &mut Running) {
        let (Some(start), Some(whole)) = (self.wire.bytes(), undisturbed.wire_bytes) else {
            let point = undisturbed.payload_bytes * permille / 1_100;
            receiving
                .wait_until(|event| event["bytes"].as_u64().is_some_and(|bytes| bytes >= point));
            return;
        };
        let point = start + whole * permille / 1_000;
        let deadline = Instant::now() + ON_THE_WAY;
        while self.wire.bytes().is_some_and(|bytes| bytes < point)
            && !receiving.has_ended()
            && Instant::now() < deadline
        {
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    fn round(&self, cargo: Cargo, way: Way) -> Round<'_> {
        let number = self.rounds.get();
        self.rounds.set(number + 1);
        Round {
            scene: self,
            cargo,
            way,
            into: self.ben.path(&format!("into {number}")),
            wire_bytes: self.wire.bytes(),
            code: None,
            sender_lived: false,
        }
    }
}

impl Round<'_> {
    /// Starts both commands, one of them doomed.
    fn start(&mut self, kill: Option<Kill>) -> (Running, Running) {
        let doom = |side| kill.filter(|kill| kill.side == side).map(|kill| kill.point);
        let (to_sender, to_receiver) = (doom(Side::Sender), doom(Side::Receiver));
        match self.way {
            Way::Contact => {
                let mut receiving = self.receive(to_receiver);
                receiving.wait_for("ready");
                (self.send(to_sender), receiving)
            }
            Way::Code => {
                let mut sending = self.send(to_sender);
                self.learn_code(&mut sending);
                (sending, self.receive(to_receiver))
            }
        }
    }

    fn send(&self, doom: Option<&str>) -> Running {
        let cargo = self.source().display().to_string();
        match self.way {
            Way::Contact => start(
                &self.scene.ana,
                doom,
                &["send", &cargo, "--to", "ben", "--wait"],
            ),
            Way::Code => start(&self.scene.ana, doom, &["send", &cargo, "--code"]),
        }
    }

    fn receive(&self, doom: Option<&str>) -> Running {
        let into = self.into.display().to_string();
        let mut arguments = vec!["receive", "--into", &into, "--yes"];
        arguments.extend(self.code.as_deref());
        start(&self.scene.ben, doom, &arguments)
    }

    fn learn_code(&mut self, sending: &mut Running) {
        let issued = sending.wait_for("code_issued");
        self.code = issued["code"].as_str().map(str::to_owned);
    }

    fn conclude(
        &self,
        what: &str,
        mut sending: Running,
        mut receiving: Running,
        undisturbed: Undisturbed,
    ) {
        let mut received = receiving.end().expect_success();
        if !sending.ends_within(SENDER_ALONE) {
            // The receiver was done before the sender was back: the same command tells it so.
            received = self.receive(None).end().expect_success();
        }
        let sent = sending.end().expect_success();
        self.assert_arrived_once();
        let ends = [&received, &sent].map(|ended| ended.event("transfer_completed"));
        for figure in ["digest", "bytes", "entries", "skipped", "path"] {
            assert_eq!(ends[0][figure], ends[1][figure], "{what}: {ends:#?}");
        }
        for end in ends {
            let seconds = end["seconds"].as_f64().expect("a number");
            assert!(
                seconds > 0.0,
                "{what}: an end tells how long it took: {end}"
            );
        }
        self.assert_cheap(what, &sent, &received, undisturbed);
    }

    /// What went over the wire beyond an undisturbed transfer is what both sides say, and little.
    fn assert_cheap(&self, what: &str, sent: &Ended, received: &Ended, undisturbed: Undisturbed) {
        let said = |ended: &Ended| {
            let resent = &ended.event("transfer_completed")["resent_bytes"];
            resent.as_u64().expect("a number")
        };
        let (by_sender, by_receiver) = (said(sent), said(received));
        let (Some(carried), Some(usual)) = (self.carried_bytes(), undisturbed.wire_bytes) else {
            return;
        };
        let twice = carried.saturating_sub(usual);
        note(&format!(
            "{what}: {twice} bytes more on the wire; said: {by_sender}, {by_receiver}"
        ));
        let framed = |bytes: u64| bytes * usual / undisturbed.payload_bytes;
        let slack = SLACK + if self.sender_lived { INTO_THE_VOID } else { 0 };
        let allowed = framed(TWICE) + slack;
        assert!(
            twice <= allowed,
            "{what}: {twice} bytes more, {allowed} are allowed"
        );
    }

    fn assert_nothing_half_is_visible(&self) {
        if !visible_names(&self.into).is_empty() {
            self.assert_same();
        }
    }

    fn assert_arrived_once(&self) {
        assert_eq!(visible_names(&self.into), [name_of(self.cargo)]);
        self.assert_same();
    }

    fn assert_same(&self) {
        let arrived = self.into.join(name_of(self.cargo));
        match self.cargo {
            Cargo::File => same_file(&self.source(), &arrived),
            Cargo::Tree => same_tree(&self.source(), &arrived),
        }
    }

    fn source(&self) -> PathBuf {
        self.scene.ana.path(name_of(self.cargo))
    }

    fn carried_bytes(&self) -> Option<u64> {
        Some(self.scene.wire.bytes()? - self.wire_bytes?)
    }
}

fn start(device: &Device, doom: Option<&str>, arguments: &[&str]) -> Running {
    match doom {
        Some(point) => device.start_doomed(point, arguments),
        None => device.start(arguments),
    }
}

#[expect(
    clippy::print_stdout,
    reason = "shown with the failure, if there is one"
)]
fn note(text: &str) {
    println!("{text}");
}

fn name_of(cargo: Cargo) -> &'static str {
    match cargo {
        Cargo::File => "cargo.bin",
        Cargo::Tree => "cargo",
    }
}

fn make_cargo_tree(root: &Path) {
    for folder in ["a", "b", "empty"] {
        fs::create_dir_all(root.join(folder)).expect("folders");
    }
    fs::write(root.join("nothing"), b"").expect("a file");
    for number in 0..6u64 {
        let name = root.join(format!("a/{number} large.bin"));
        make_file(&name, 3 * 1024 * 1024 + 1_234, 20 + number);
    }
    for number in 0..60u64 {
        let size = usize::try_from(number * 41).expect("a small number");
        make_file(&root.join(format!("b/{number:02} small.dat")), size, number);
    }
}

fn pair(ana: &Device, ben: &Device) {
    for (device, name) in [(ana, "ana"), (ben, "ben")] {
        let status = device
            .command(&["config", "set", "device-name", name])
            .status();
        assert!(status.expect("wherry starts").success());
    }
    let mut showing = ana.start(&["pair", "--yes"]);
    let issued = showing.wait_for("code_issued");
    let code = issued["code"].as_str().expect("a code");
    let mut typing = ben.start(&["pair", code, "--yes"]);
    showing.end().expect_success();
    typing.end().expect_success();
}

const FILE_BYTES: usize = 24 * 1024 * 1024;
/// What may be sent twice, before framing.
const TWICE: u64 = 4 * 1024 * 1024;
/// What new connections cost after a kill (100 KiB), and what a transport repeats of packets that a busy
/// machine loses.
const SLACK: u64 = 1024 * 1024;
/// What a sender's transport says to a receiver that is dead: two probes of 64 KiB for each of a handful of
/// connections.
const INTO_THE_VOID: u64 = 768 * 1024;
/// How long a sender that is back needs to hear from a receiver that is there.
const SENDER_ALONE: Duration = Duration::from_secs(15);
/// How long a transfer may take to get to the point where it is killed.
const ON_THE_WAY: Duration = Duration::from_secs(60);
