use std::fs::Permissions;
use std::io::{BufRead as _, BufReader, Read as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;

/// A program beside the test binaries.
///
/// # Panics
/// When it was not built: see the crate's documentation.
pub fn binary(name: &str) -> PathBuf {
    let test = std::env::current_exe().expect("a test has a path");
    let folder = test.ancestors().nth(2).expect("tests lie in target/…/deps");
    let path = folder.join(name);
    assert!(path.exists(), "build {name} first: make test does it");
    path
}

/// A device: a home of its own and the server it uses.
#[derive(Debug)]
pub struct Device {
    folder: TempDir,
    server: String,
    environment: Vec<(String, String)>,
    /// The namespace of a lab that it is in.
    network: Option<String>,
}

impl Device {
    /// A device that was never used.
    pub fn new(server: &str) -> Self {
        let device = Self::empty(server);
        let status = device
            .command(&["config", "set", "disk-reserve-bytes", "0"])
            .status()
            .expect("wherry starts");
        assert!(status.success());
        device
    }

    /// A device without a home yet.
    pub(crate) fn empty(server: &str) -> Self {
        Self {
            folder: TempDir::with_prefix("wherry-e2e-").expect("a folder for the device"),
            server: server.to_owned(),
            environment: Vec::new(),
            network: None,
        }
    }

    /// Runs every later command in this namespace of a lab.
    #[must_use]
    pub fn inside(mut self, network: &str) -> Self {
        self.network = Some(network.to_owned());
        self
    }

    /// The server it uses.
    pub(crate) fn server(&self) -> &str {
        &self.server
    }

    /// Sets an environment variable for every later command.
    #[must_use]
    pub fn with(mut self, key: &str, value: &str) -> Self {
        self.environment.push((key.to_owned(), value.to_owned()));
        self
    }

    /// A place of this device for files.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Shows it to contacts in its networks from now on, and lets it look for them there.
    #[must_use]
    pub fn on_local_networks(self) -> Self {
        self.with(LAN_VISIBILITY, "contacts")
    }

    /// Starts a command with `--json`.
    pub fn start(&self, arguments: &[&str]) -> Running {
        Running::start(self.command(arguments).stdin(Stdio::null()))
    }

    /// Starts a command to which the rights of files apply, whoever runs the tests.
    pub fn start_as_anybody(&self, arguments: &[&str]) -> Running {
        let command = self.command(arguments);
        let probe = self.path("probe");
        std::fs::write(&probe, b"").expect("the disk works");
        std::fs::set_permissions(&probe, Permissions::from_mode(0o000)).expect("it is ours");
        if std::fs::read(&probe).is_err() {
            return self.start(arguments);
        }
        let mut restricted = Command::new("setpriv");
        restricted
            .args(["--bounding-set", "-dac_override,-dac_read_search"])
            .args(["--inh-caps", "-all"])
            .arg(command.get_program())
            .args(command.get_args());
        Running::start(&mut restricted)
    }

    /// Starts a command that is killed at the `count`-th passing of a failpoint.
    pub fn start_doomed(&self, failpoint: &str, arguments: &[&str]) -> Running {
        let mut command = self.command(arguments);
        command.env("WHERRY_FAILPOINT", failpoint);
        Running::start(command.stdin(Stdio::null()))
    }

    /// Starts a command whose standard input is written by the test.
    pub fn start_with_input(&self, arguments: &[&str]) -> Running {
        Running::start(self.command(arguments).stdin(Stdio::piped()))
    }

    /// Uses another server from now on; an empty one is none.
    pub fn move_to(&mut self, server: &str) {
        self.server = server.to_owned();
    }

    /// The command, not started.
    pub fn command(&self, arguments: &[&str]) -> Command {
        if self.server.is_empty() {
            return self.command_without_server(arguments);
        }
        let mut with_server = vec!["--server", &self.server];
        with_server.extend(arguments);
        self.command_without_server(&with_server)
    }

    /// The command as it is without `--server`, not started.
    pub fn command_without_server(&self, arguments: &[&str]) -> Command {
        let mut command = in_network(self.network.as_deref(), &binary("wherry"));
        command
            .arg("--json")
            .arg("--home")
            .arg(self.folder.path().join("home"))
            .args(arguments)
            .stdin(Stdio::null())
            // Devices of a test meet each other where the test means them to, and nobody else on this network.
            .env(LAN_VISIBILITY, "nobody")
            .envs(self.environment.iter().map(|(key, value)| (key, value)));
        command
    }
}

/// A program, in a namespace of a lab if there is one.
pub(crate) fn in_network(network: Option<&str>, program: &Path) -> Command {
    let Some(network) = network else {
        return Command::new(program);
    };
    let mut command = Command::new("nsenter");
    command
        .arg(format!("--net=/run/netns/{network}"))
        .arg("--")
        .arg(program);
    command
}

/// Whether a process was stopped by a signal, as the system tells.
fn is_stopped(id: u32) -> bool {
    let state = std::fs::read_to_string(format!("/proc/{id}/stat")).unwrap_or_default();
    // The name of the program, in parentheses, may hold anything.
    state
        .rsplit(')')
        .next()
        .is_some_and(|rest| rest.trim_start().starts_with('T'))
}

/// A running command and the events it prints.
#[derive(Debug)]
pub struct Running {
    child: Child,
    lines: Receiver<String>,
    seen: Vec<Value>,
    stderr: Option<std::thread::JoinHandle<String>>,
}

impl Running {
    /// Starts a command.
    ///
    /// # Panics
    /// When it cannot be started.
    pub fn start(command: &mut Command) -> Self {
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("wherry starts");
        let stdout = child.stdout.take().expect("standard output is piped");
        let mut stderr = child.stderr.take().expect("standard error is piped");
        let (sender, lines) = sync_channel(4_096);
        std::thread::spawn(move || {
            for line in BufReader::new(stdout).lines().map_while(Result::ok) {
                if sender.send(line).is_err() {
                    return;
                }
            }
        });
        let stderr = std::thread::spawn(move || {
            let mut text = String::new();
            stderr.read_to_string(&mut text).ok();
            text
        });
        Self {
            child,
            lines,
            seen: Vec::new(),
            stderr: Some(stderr),
        }
    }

    /// Waits for the next event of this name.
    ///
    /// # Panics
    /// When it does not come in time, with everything that came instead.
    pub fn wait_for(&mut self, event: &str) -> Value {
        self.wait_until(|value| value["event"] == event)
            .unwrap_or_else(|| panic!("no {event}; seen: {:#?}", self.seen))
    }

    /// Waits for an event that fits, or for the end of the process.
    pub fn wait_until(&mut self, fits: impl Fn(&Value) -> bool) -> Option<Value> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            let line = match self.lines.recv_timeout(left) {
                Ok(line) => line,
                Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => return None,
            };
            let Ok(value) = serde_json::from_str::<Value>(&line) else {
                panic!("not JSON: {line}");
            };
            self.seen.push(value.clone());
            if fits(&value) {
                return Some(value);
            }
        }
    }

    /// Everything it said that was waited for or asked about.
    pub fn said(&mut self) -> &[Value] {
        self.has_said("");
        &self.seen
    }

    /// Its process id.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// The writing end of its standard input.
    pub fn take_input(&mut self) -> ChildStdin {
        self.child.stdin.take().expect("standard input is piped")
    }

    /// Sends it a signal by name, as `kill -NAME` does.
    pub fn signal(&self, name: &str) {
        let status = Command::new("sh")
            .args(["-c", &format!("kill -{name} {}", self.child.id())])
            .status()
            .expect("a shell starts");
        assert!(status.success(), "it runs no more");
    }

    /// Waits until it has stopped itself.
    ///
    /// # Panics
    /// When it does not in time, or ends.
    pub fn wait_for_stop(&mut self) {
        let deadline = Instant::now() + PATIENCE;
        while !is_stopped(self.child.id()) {
            assert!(
                !self.has_ended() && Instant::now() < deadline,
                "it does not stop"
            );
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Kills it, as `kill -9` does; returns whether that ended it, and not itself before.
    pub fn kill(&mut self) -> bool {
        if let Some(status) = self.child.try_wait().expect("it was started") {
            return status.code().is_none();
        }
        self.child.kill().expect("it can be killed");
        let status = self.child.wait().expect("it was started");
        status.code().is_none()
    }

    /// Whether it is over.
    pub fn has_ended(&mut self) -> bool {
        self.child.try_wait().expect("it was started").is_some()
    }

    /// Whether it is over after that time at the latest.
    pub fn ends_within(&mut self, time: Duration) -> bool {
        let deadline = Instant::now() + time;
        while !self.has_ended() && Instant::now() < deadline {
            std::thread::sleep(Duration::from_millis(20));
        }
        self.has_ended()
    }

    /// Whether it has said such an event until now; of one that ended, whether it ever did.
    pub fn has_said(&mut self, event: &str) -> bool {
        if self.has_ended() {
            self.drain();
        }
        while let Ok(line) = self.lines.try_recv() {
            self.seen.extend(serde_json::from_str::<Value>(&line).ok());
        }
        self.seen.iter().any(|value| value["event"] == event)
    }

    /// Waits for its end.
    ///
    /// # Panics
    /// When it does not end in time, with everything it printed.
    pub fn end(&mut self) -> Ended {
        let deadline = Instant::now() + PATIENCE;
        let status = loop {
            if let Some(status) = self.child.try_wait().expect("it was started") {
                break status;
            }
            if Instant::now() > deadline {
                self.child.kill().ok();
                self.drain();
                let stderr = self.stderr_text();
                panic!("it does not end: {:#?}\n{stderr}", self.seen);
            }
            std::thread::sleep(Duration::from_millis(20));
        };
        self.drain();
        Ended {
            status,
            events: std::mem::take(&mut self.seen),
            stderr: self.stderr_text(),
        }
    }

    fn drain(&mut self) {
        while let Ok(line) = self.lines.recv_timeout(Duration::from_secs(1)) {
            if let Ok(value) = serde_json::from_str(&line) {
                self.seen.push(value);
            }
        }
    }

    fn stderr_text(&mut self) -> String {
        let thread = self.stderr.take();
        thread
            .and_then(|thread| thread.join().ok())
            .unwrap_or_default()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // A test that failed leaves nothing running.
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// A command that ended.
#[derive(Debug)]
pub struct Ended {
    /// How.
    pub status: ExitStatus,
    /// Everything it said.
    pub events: Vec<Value>,
    /// What it wrote to standard error.
    pub stderr: String,
}

impl Ended {
    /// Its exit code.
    ///
    /// # Panics
    /// When a signal ended it.
    pub fn code(&self) -> i32 {
        self.status
            .code()
            .unwrap_or_else(|| panic!("killed: {self:#?}"))
    }

    /// The last event of a name.
    ///
    /// # Panics
    /// When there was none.
    pub fn event(&self, name: &str) -> &Value {
        let mut events = self.events.iter().rev();
        events
            .find(|value| value["event"] == name)
            .unwrap_or_else(|| panic!("no {name}: {self:#?}"))
    }

    /// Asserts that it ended well.
    ///
    /// # Panics
    /// With everything it said, when not.
    pub fn expect_success(self) -> Self {
        assert_eq!(self.status.code(), Some(0), "{self:#?}");
        self
    }
}

/// Whether `text` is a path below `folder`, for messages.
pub(crate) fn shown(folder: &Path) -> String {
    folder.display().to_string()
}

const LAN_VISIBILITY: &str = "WHERRY_LAN_VISIBILITY";
/// How long anything may take before a test gives up; generous, for slow machines.
const PATIENCE: Duration = Duration::from_secs(120);
