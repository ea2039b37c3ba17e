use std::fs::{self, File};
use std::io::{BufRead as _, BufReader};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::mpsc::{Receiver, sync_channel};
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use serde_json::Value;

use crate::contest::Setup;
use crate::figures::Figures;
use crate::measured::{self, Measured};
use crate::settings::Settings;
use crate::stage::Arrival;

/// What a transfer needs: a server and two devices that were never used.
#[derive(Debug)]
pub(crate) struct Fleet {
    binaries: PathBuf,
    scratch: PathBuf,
    setup: Setup,
}

impl Fleet {
    pub(crate) fn new(settings: &Settings, arrival: &Arrival, setup: Setup) -> Self {
        Self {
            binaries: settings.binaries.clone(),
            scratch: arrival.scratch().to_owned(),
            setup,
        }
    }

    /// Carries `source` under a code and times it from the receiver's command.
    pub(crate) fn carry(&self, source: &Path, arrival: &Arrival) -> anyhow::Result<Figures> {
        let (_server, url) = self.start_server()?;
        for home in [SENDER, RECEIVER] {
            self.prepare(home, &url)?;
        }
        let mut sending =
            self.start(SENDER, &url, |it| it.arg("send").arg(source).arg("--code"))?;
        let issued = sending.wait_for("code_issued")?;
        let code = issued["code"]
            .as_str()
            .context("a code is text")?
            .to_owned();
        let begun = Instant::now();
        let mut receiving = self.start(RECEIVER, &url, |it| {
            it.args(["receive", &code, "--yes", "--into"])
                .arg(&arrival.into)
        })?;
        let ended = measured::wait_for_all(&mut [&mut receiving.process, &mut sending.process]);
        ended.with_context(|| self.last_words())?;

        let (received, sent) = (receiving.events(), sending.events());
        ensure!(
            digest(&received).is_some() && digest(&received) == digest(&sent),
            "the two sides do not agree on a digest"
        );
        Ok(Figures {
            seconds: receiving.process.seconds_since(begun),
            sender: sending.process.cost(),
            receiver: receiving.process.cost(),
            ..timeline(&received, begun)
        })
    }

    fn start_server(&self) -> anyhow::Result<(Measured, String)> {
        let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
        let mut command = Command::new(self.binaries.join("wherry-signaling"));
        command.arg("--listen").arg(address.to_string());
        command.stdout(Stdio::null()).stderr(self.log(SERVER)?);
        let server = Measured::start("wherry-signaling", &mut command)?;
        let deadline = Instant::now() + SERVER_START_TIME;
        while TcpStream::connect(address).is_err() {
            ensure!(
                Instant::now() < deadline,
                "the server does not listen: {}",
                self.last_words()
            );
            std::thread::sleep(Duration::from_millis(10));
        }
        Ok((server, format!("ws://{address}/ws")))
    }

    /// Makes the device, which happens once in its life, before the clock starts.
    fn prepare(&self, home: &str, url: &str) -> anyhow::Result<()> {
        let mut command = self.command(home, url);
        command.args(["config", "set", "disk-reserve-bytes", "0"]);
        let output = command.output()?;
        ensure!(
            output.status.success(),
            "config set: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        Ok(())
    }

    fn start(
        &self,
        home: &str,
        url: &str,
        fill: impl FnOnce(&mut Command) -> &mut Command,
    ) -> anyhow::Result<Running> {
        let mut command = self.command(home, url);
        fill(&mut command).stdin(Stdio::null());
        command.stdout(Stdio::piped()).stderr(self.log(home)?);
        let mut process = Measured::start(home, &mut command)?;
        let stdout = process
            .child()
            .stdout
            .take()
            .context("the output is piped")?;
        let (sender, events) = sync_channel(EVENTS);
        std::thread::spawn(move || {
            for line in BufReader::new(stdout).lines().map_while(Result::ok) {
                let event = serde_json::from_str(&line).unwrap_or(Value::Null);
                if sender.send((Instant::now(), event)).is_err() {
                    return;
                }
            }
        });
        Ok(Running { process, events })
    }

    fn command(&self, home: &str, url: &str) -> Command {
        let mut command = Command::new(self.binaries.join("wherry"));
        command
            .arg("--json")
            .arg("--home")
            .arg(self.scratch.join(home));
        command.args(["--server", url]);
        // Nobody else on this network is to be met.
        command.env("WHERRY_LAN_VISIBILITY", "nobody");
        command.env_remove(SOCKET_BUFFER).env_remove(ENGINE);
        match self.setup {
            Setup::Granted => {}
            Setup::Capped => {
                command.env(SOCKET_BUFFER, CAPPED_BYTES);
            }
            Setup::Stock => {
                command.env(ENGINE, "stock");
            }
        }
        command
    }

    fn log(&self, name: &str) -> std::io::Result<File> {
        File::create(self.log_path(name))
    }

    fn log_path(&self, name: &str) -> PathBuf {
        self.scratch.join(format!("{name}.log"))
    }

    /// The end of what the processes wrote to standard error.
    fn last_words(&self) -> String {
        let mut words = String::from("a transfer did not end well");
        for name in [SERVER, SENDER, RECEIVER] {
            let log = fs::read_to_string(self.log_path(name)).unwrap_or_default();
            if let Some(line) = log.lines().last() {
                words = format!("{words}; {name}: {line}");
            }
        }
        words
    }
}

/// What happened, and when it was read.
type Heard = (Instant, Value);

#[derive(Debug)]
struct Running {
    process: Measured,
    events: Receiver<Heard>,
}

impl Running {
    fn wait_for(&mut self, name: &str) -> anyhow::Result<Value> {
        let deadline = Instant::now() + CODE_TIME;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            let heard = self.events.recv_timeout(left);
            let (_, event) = heard.with_context(|| format!("no {name} came"))?;
            if event["event"] == name {
                return Ok(event);
            }
        }
    }

    /// Everything it said that was not waited for, until it closed its output.
    fn events(&self) -> Vec<Heard> {
        self.events.iter().collect()
    }
}

fn timeline(received: &[Heard], begun: Instant) -> Figures {
    let offered = first(received, |event| event["event"] == "offer_received");
    let moved = first(received, |event| {
        let has_bytes = event["bytes"].as_u64().is_some_and(|bytes| bytes > 0);
        event["event"] == "transfer_progress" && has_bytes || event["event"] == "transfer_completed"
    });
    let completed = first(received, |event| event["event"] == "transfer_completed");
    let between =
        |from: Instant, to: Option<&Heard>| to.map(|(to, _)| to.duration_since(from).as_secs_f64());
    Figures {
        set_up_seconds: between(begun, offered),
        first_byte_seconds: offered.and_then(|(offered, _)| between(*offered, moved)),
        transfer_seconds: completed.and_then(|(_, event)| event["seconds"].as_f64()),
        ..Figures::default()
    }
}

fn first(heard: &[Heard], fits: impl Fn(&Value) -> bool) -> Option<&Heard> {
    heard.iter().find(|(_, event)| fits(event))
}

fn digest(heard: &[Heard]) -> Option<&str> {
    let (_, event) = first(heard, |event| event["event"] == "transfer_completed")?;
    event["digest"].as_str()
}

const SERVER: &str = "server";
const SENDER: &str = "sender";
const RECEIVER: &str = "receiver";
const SOCKET_BUFFER: &str = "WHERRY_SOCKET_BUFFER_BYTES";
const CAPPED_BYTES: &str = "212992";
const ENGINE: &str = "WHERRY_PEER";
const SERVER_START_TIME: Duration = Duration::from_secs(30);
const CODE_TIME: Duration = Duration::from_secs(60);
/// More than a run of [`crate::measured`]'s patience says, at ten a second.
const EVENTS: usize = 16_384;

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_first_byte_is_counted_from_the_offer() {
        let begun = Instant::now();
        let at = |milliseconds, event| (begun + Duration::from_millis(milliseconds), event);
        let received = [
            at(10, json!({"event": "ready"})),
            at(250, json!({"event": "offer_received", "bytes": 9})),
            at(260, json!({"event": "transfer_progress", "bytes": 0})),
            at(500, json!({"event": "transfer_progress", "bytes": 4})),
            at(
                900,
                json!({"event": "transfer_completed", "seconds": 0.6, "digest": "ab"}),
            ),
        ];
        let figures = timeline(&received, begun);
        assert_eq!(figures.set_up_seconds, Some(0.25));
        assert_eq!(figures.first_byte_seconds, Some(0.25));
        assert_eq!(figures.transfer_seconds, Some(0.6));
        assert_eq!(digest(&received), Some("ab"));
    }
}
