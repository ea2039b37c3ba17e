use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::{Duration, Instant};

use crate::process::binary;

/// A running `wherry-signaling`.
#[derive(Debug)]
pub struct Server {
    child: Child,
    address: String,
    arguments: Vec<String>,
    /// What devices are told: the WebSocket URL.
    pub url: String,
}

impl Server {
    /// Starts one on a free port of this machine.
    pub fn start() -> Self {
        Self::start_with(&[], "ws")
    }

    /// Starts one that speaks TLS.
    pub fn start_tls(certificate: &Path, key: &Path) -> Self {
        let certificate = certificate.display().to_string();
        let key = key.display().to_string();
        Self::start_with(&["--tls-cert", &certificate, "--tls-key", &key], "wss")
    }

    /// Starts one with a configuration file.
    pub fn start_configured(configuration: &Path) -> Self {
        let configuration = configuration.display().to_string();
        Self::start_with(&["--config", &configuration], "ws")
    }

    fn start_with(arguments: &[&str], scheme: &str) -> Self {
        let port = free_port();
        let address = format!("127.0.0.1:{port}");
        let arguments: Vec<String> = arguments.iter().map(ToString::to_string).collect();
        Self {
            child: serve(&address, &arguments),
            address,
            arguments,
            url: format!(
                "{scheme}://{}:{port}/ws",
                if scheme == "wss" {
                    "localhost"
                } else {
                    "127.0.0.1"
                }
            ),
        }
    }

    /// Ends it at once and starts another one in its place.
    pub fn restart(&mut self) {
        self.kill();
        self.child = serve(&self.address, &self.arguments);
    }

    /// Ends it at once.
    pub fn kill(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.kill();
    }
}

fn serve(address: &str, arguments: &[String]) -> Child {
    let mut child = Command::new(binary("wherry-signaling"))
        .args(["--listen", address])
        .args(arguments)
        .stderr(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .expect("wherry-signaling starts");
    let mut stderr = child.stderr.take().expect("standard error is piped");
    // Keeps the pipe empty; shown when a test fails.
    std::thread::spawn(move || std::io::copy(&mut stderr, &mut std::io::stderr()));
    wait_until_it_listens(address);
    child
}

/// A port that no other test of this process gets, below those that the system hands to clients.
fn free_port() -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let process = u16::try_from(std::process::id() % 200).expect("a small number");
    loop {
        let port = 10_000 + process * 100 + NEXT.fetch_add(1, Ordering::Relaxed) % 100;
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
}

fn wait_until_it_listens(address: &str) {
    let deadline = Instant::now() + Duration::from_secs(30);
    while std::net::TcpStream::connect(address).is_err() {
        assert!(Instant::now() < deadline, "the server does not listen");
        std::thread::sleep(Duration::from_millis(20));
    }
}
