use std::fs;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::ChildStdin;

use pairing_proto::PairingPurpose;
use serde_json::Value;

use super::{Friend, Intruder, Sandbox, peak_memory_kib};
use crate::{Device, Running, Server, make_file, same_file};

/// A victim that receives from two contacts at once: one is honest and in the middle of a transfer, the
/// other one is the intruder.
#[derive(Debug)]
pub struct Stage {
    /// Who attacks.
    pub intruder: Intruder,
    /// The victim, as the intruder knows it.
    pub friend: Friend,
    /// The victim's `wherry run`.
    pub victim: Running,
    /// Where it receives.
    pub into: PathBuf,
    /// Where the victim's folder lies.
    pub outer: PathBuf,
    sandbox: Sandbox,
    honest: Honest,
    _devices: [Device; 2],
    /// The server.
    pub server: Server,
}

/// The honest transfer: what was typed into it so far is only the first half.
#[derive(Debug)]
struct Honest {
    sending: Running,
    /// `None` once it is closed.
    input: Option<ChildStdin>,
    sample: PathBuf,
}

impl Stage {
    /// Sets everything up; returns when the honest transfer is half done.
    ///
    /// # Panics
    /// When something does not work that has nothing to do with attacks.
    pub fn set() -> Self {
        let server = Server::start();
        let (victim, bystander) = (Device::new(&server.url), Device::new(&server.url));
        name(&victim, "victim");
        name(&bystander, "bystander");
        let mut showing = bystander.start(&["pair", "--yes"]);
        let issued = showing.wait_for("code_issued");
        let code = issued["code"].as_str().expect("a code").to_owned();
        victim
            .start(&["pair", &code, "--yes"])
            .end()
            .expect_success();
        showing.end().expect_success();
        let mut intruder = Intruder::new(&server.url);
        let friend = befriend(&mut intruder, &victim);

        let outer = victim.path("outer");
        let into = outer.join("into");
        fs::create_dir_all(&into).expect("a folder");
        fs::write(outer.join("secret.txt"), b"not yours").expect("a file");
        let sandbox = Sandbox::watch(&outer, &into);
        let place = into.display().to_string();
        let mut running = victim.start(&["run", "--into", &place, "--yes"]);
        running.wait_for("ready");
        let honest = Honest::begin(&bystander, &mut running);
        Self {
            intruder,
            friend,
            victim: running,
            into,
            outer,
            sandbox,
            honest,
            _devices: [victim, bystander],
            server,
        }
    }

    /// Waits until the victim says that a transfer failed.
    ///
    /// # Panics
    /// When it does not.
    pub fn refusal(&mut self) -> Value {
        self.victim.wait_for("transfer_failed")
    }

    /// Ends the play: the honest transfer must end well, and nothing may lie where it should not.
    ///
    /// # Panics
    /// When an attack had any effect.
    pub fn finish(mut self) {
        self.honest.complete();
        let arrived = self.into.join("honest.bin");
        self.victim
            .wait_until(|event| {
                event["event"] == "transfer_completed" && event["bytes"] == SAMPLE_BYTES
            })
            .expect("the honest transfer completes");
        same_file(&self.honest.sample, &arrived);
        self.sandbox.check();
        let peak = peak_memory_kib(self.victim.id());
        assert!(peak < PEAK_KIB, "the victim used {peak} KiB");
    }
}

impl Honest {
    fn begin(bystander: &Device, victim: &mut Running) -> Self {
        let sample = bystander.path("sample");
        make_file(&sample, SAMPLE_BYTES, 5);
        let arguments = ["send", "-", "--to", "victim", "--name", "honest.bin"];
        let mut sending = bystander.start_with_input(&arguments);
        let mut input = sending.take_input();
        let bytes = fs::read(&sample).expect("the sample");
        input
            .write_all(&bytes[..FIRST_BYTES])
            .expect("the first half");
        input.flush().expect("the first half");
        victim
            .wait_until(|event| event["event"] == "transfer_progress")
            .expect("the honest transfer begins");
        Self {
            sending,
            input: Some(input),
            sample,
        }
    }

    fn complete(&mut self) {
        let bytes = fs::read(&self.sample).expect("the sample");
        // Whatever goes wrong shows when the sender ends.
        if let Some(mut input) = self.input.take() {
            input.write_all(&bytes[FIRST_BYTES..]).ok();
        }
        self.sending.end().expect_success();
    }
}

/// Makes the victim add the intruder as a contact.
///
/// # Panics
/// When it does not.
pub fn befriend(intruder: &mut Intruder, victim: &Device) -> Friend {
    let code = intruder.issue_code();
    let mut typing = victim.start(&["pair", &code.to_string(), "--yes"]);
    let friend = intruder.welcome(&code, PairingPurpose::Contact);
    typing.end().expect_success();
    friend
}

fn name(device: &Device, name: &str) {
    let status = device
        .command(&["config", "set", "device-name", name])
        .status();
    assert!(status.expect("wherry starts").success());
}

const SAMPLE_BYTES: usize = 5 * 1024 * 1024 + 17;
const FIRST_BYTES: usize = 3 * 1024 * 1024;
/// What a victim may ever have resident: itself, and the 32 MiB of its windows and queues.
const PEAK_KIB: u64 = 64 * 1024;
