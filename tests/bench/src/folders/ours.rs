use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::mpsc::{Receiver, sync_channel};
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use serde_json::Value;

use super::couple::Process;
use crate::settings::Settings;

/// Two devices of ours that share `sides`, and their server.
pub(super) fn start(
    settings: &Settings,
    scratch: &Path,
    sides: &[PathBuf; 2],
) -> anyhow::Result<([Process; 2], Vec<Process>)> {
    let (server, url) = start_server(settings, scratch, "127.0.0.1")?;
    let device = |name: &str| Device::new(settings, scratch.join(name).join("home"), &url);
    let (ana, ben) = (device("a"), device("b"));
    for (device, name) in [(&ana, "ana"), (&ben, "ben")] {
        device.name_it(name)?;
    }
    ana.pair_with(&ben)?;
    let (mut one, mut other) = (ana.talk(&["run"])?, ben.talk(&["run"])?);
    for running in [&mut one, &mut other] {
        running.wait_for(|event| (event["event"] == "ready").then_some(()))?;
    }
    let [left, right] = [&sides[0], &sides[1]].map(|side| side.display().to_string());
    ana.run(&["share", &left, "--with", "ben"])?;
    other.wait_for(|event| (event["what"] == "invited").then_some(()))?;
    ben.run(&["folders", "accept", "shared", &right])?;
    Ok(([one.process, other.process], vec![server]))
}

/// A server at `host`, and its address.
pub(super) fn start_server(
    settings: &Settings,
    scratch: &Path,
    host: &str,
) -> anyhow::Result<(Process, String)> {
    let address = TcpListener::bind((host, 0))?.local_addr()?;
    let mut command = Command::new(settings.binaries.join("wherry-signaling"));
    command.arg("--listen").arg(address.to_string());
    command.stdout(Stdio::null());
    command.stderr(File::create(scratch.join("server.log"))?);
    let server = Process::start(&mut command)?;
    let deadline = Instant::now() + PATIENCE;
    while TcpStream::connect(address).is_err() {
        ensure!(Instant::now() < deadline, "the server does not listen");
        std::thread::sleep(Duration::from_millis(10));
    }
    Ok((server, format!("ws://{address}/ws")))
}

/// One device of ours.
pub(super) struct Device {
    program: PathBuf,
    home: PathBuf,
    url: String,
    /// A process in whose network it is, if that is another one.
    pub(super) network: Option<u32>,
}

impl Device {
    pub(super) fn new(settings: &Settings, home: PathBuf, url: &str) -> Self {
        Self {
            program: settings.binaries.join("wherry"),
            home,
            url: url.to_owned(),
            network: None,
        }
    }

    pub(super) fn name_it(&self, name: &str) -> anyhow::Result<()> {
        self.run(&["config", "set", "device-name", name])?;
        self.run(&["config", "set", "disk-reserve-bytes", "0"])
    }

    pub(super) fn pair_with(&self, other: &Self) -> anyhow::Result<()> {
        let mut showing = self.talk(&["pair", "--yes"])?;
        let code = showing.wait_for(|event| event["code"].as_str().map(str::to_owned))?;
        other.run(&["pair", &code, "--yes"])?;
        ensure!(
            showing.process.child().wait()?.success(),
            "they do not pair"
        );
        Ok(())
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = match self.network {
            None => Command::new(&self.program),
            Some(process) => {
                let mut inside = Command::new("nsenter");
                inside.arg(format!("--net=/proc/{process}/ns/net"));
                inside.arg(&self.program);
                inside
            }
        };
        command.arg("--json").arg("--home").arg(&self.home);
        command.args(["--server", &self.url]).args(arguments);
        // Nobody else on this network is to be met.
        command.env("WHERRY_LAN_VISIBILITY", "nobody");
        command
    }

    pub(super) fn run(&self, arguments: &[&str]) -> anyhow::Result<()> {
        let output = self.command(arguments).output()?;
        let said = String::from_utf8_lossy(&output.stderr);
        ensure!(output.status.success(), "{arguments:?}: {said}");
        Ok(())
    }

    pub(super) fn talk(&self, arguments: &[&str]) -> anyhow::Result<Talking> {
        let mut command = self.command(arguments);
        command.stdout(Stdio::piped()).stderr(Stdio::null());
        let mut process = Process::start(&mut command)?;
        let stdout = process.child().stdout.take();
        let stdout = stdout.context("the output is piped")?;
        let (sender, events) = sync_channel(EVENTS);
        std::thread::spawn(move || {
            for line in BufReader::new(stdout).lines().map_while(Result::ok) {
                // Nobody listens any more once it runs.
                sender
                    .try_send(serde_json::from_str(&line).unwrap_or(Value::Null))
                    .ok();
            }
        });
        Ok(Talking { process, events })
    }
}

pub(super) struct Talking {
    pub(super) process: Process,
    events: Receiver<Value>,
}

impl Talking {
    pub(super) fn wait_for<T>(&mut self, fits: impl Fn(&Value) -> Option<T>) -> anyhow::Result<T> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            let event = self.events.recv_timeout(left);
            let event = event.context("it does not say what it should")?;
            if let Some(found) = fits(&event) {
                return Ok(found);
            }
        }
    }
}

const PATIENCE: Duration = Duration::from_secs(60);
/// More than is said until the folder is shared.
const EVENTS: usize = 1_024;
