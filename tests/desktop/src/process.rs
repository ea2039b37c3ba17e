use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// A program that ends with the test, and what it said.
#[derive(Debug)]
pub(crate) struct Program {
    child: Child,
    input: Option<ChildStdin>,
    said: Arc<Mutex<Vec<String>>>,
}

impl Program {
    /// Starts a program and listens to it.
    pub(crate) fn start(command: &mut Command) -> Self {
        let name = command.get_program().to_string_lossy().into_owned();
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("{name} does not start: {error}"));
        let said = Arc::new(Mutex::new(Vec::new()));
        let stdout = child.stdout.take().expect("standard output is piped");
        let stderr = child.stderr.take().expect("standard error is piped");
        listen(stdout, &said);
        listen(stderr, &said);
        let input = child.stdin.take();
        Self { child, input, said }
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Everything it said until now.
    pub(crate) fn said(&self) -> Vec<String> {
        self.said.lock().expect("no listener panics").clone()
    }

    /// Waits until it says a line that fits.
    pub(crate) fn wait_for_line(&self, what: &str, fits: impl Fn(&str) -> bool) -> String {
        wait_for(what, || self.said().into_iter().find(|line| fits(line)))
    }

    /// Says a line to it.
    pub(crate) fn tell(&self, line: &str) {
        let mut input = self.input.as_ref().expect("standard input is piped");
        writeln!(input, "{line}").expect("it listens");
    }

    pub(crate) fn kill(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        self.kill();
    }
}

fn listen(stream: impl std::io::Read + Send + 'static, said: &Arc<Mutex<Vec<String>>>) {
    let said = Arc::clone(said);
    std::thread::spawn(move || {
        for line in BufReader::new(stream).lines().map_while(Result::ok) {
            said.lock().expect("no listener panics").push(line);
        }
    });
}

/// Runs a short program and returns what it printed, or `None` if it failed.
pub(crate) fn output(command: &mut Command) -> Option<String> {
    let output = command.output().expect("the program is installed");
    let text = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    output.status.success().then_some(text)
}

/// Whether a process has ended, even if nobody has asked how.
pub(crate) fn has_ended(process: u32) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    let state = stat.rsplit_once(") ").and_then(|(_, it)| it.chars().next());
    matches!(state, None | Some('Z' | 'X'))
}

/// Waits until something is so.
///
/// # Panics
/// When it does not become so in time.
pub fn wait_for<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    patiently(&mut look).unwrap_or_else(|| panic!("in vain: {what}"))
}

/// Waits until something is so, or gives up.
pub fn patiently<T>(look: impl FnMut() -> Option<T>) -> Option<T> {
    patiently_for(PATIENCE, look)
}

/// Waits so long until something is so, or gives up.
pub fn patiently_for<T>(time: Duration, mut look: impl FnMut() -> Option<T>) -> Option<T> {
    let deadline = Instant::now() + time;
    loop {
        if let Some(found) = look() {
            return Some(found);
        }
        if Instant::now() > deadline {
            return None;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// How long anything may take; generous, for slow machines.
const PATIENCE: Duration = Duration::from_secs(90);
