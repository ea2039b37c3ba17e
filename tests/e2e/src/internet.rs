//! What devices in a lab find in its internet: a signaling server and a STUN server.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::net::{SocketAddr, TcpStream, UdpSocket};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use netlab::Lab;
use tempfile::TempDir;

use crate::process::{Device, binary};

/// The servers of a lab; dropping it ends them.
#[derive(Debug)]
pub struct Internet {
    signaling: Child,
    stun: Child,
    security: Option<Security>,
}

/// The certificate of a server that speaks TLS on port 443.
#[derive(Debug)]
struct Security {
    folder: TempDir,
}

impl Internet {
    /// Starts them and waits until both answer.
    ///
    /// # Panics
    /// When they cannot be started.
    pub fn start(lab: &Lab) -> Self {
        Self::start_with(lab, None)
    }

    /// The same, with a signaling server and a relay that speak TLS on port 443.
    ///
    /// # Panics
    /// When they cannot be started.
    pub fn start_secure(lab: &Lab) -> Self {
        Self::start_with(lab, Some(Security::new()))
    }

    fn start_with(lab: &Lab, security: Option<Security>) -> Self {
        let internet = Self {
            signaling: serve(lab, security.as_ref()),
            stun: spawn(lab.node("inet").command("turnserver").args(STUN)),
            security,
        };
        wait_until("STUN", || lab.node("inet").inside(stun_answers));
        internet
    }

    /// A new device in the namespace `node`, which knows the servers that speak TLS, and the proxy if there is one.
    ///
    /// # Panics
    /// When it cannot be set up.
    pub fn secure_device(&self, lab: &Lab, node: &str) -> Device {
        let security = self.security.as_ref().expect("the servers speak TLS");
        let device = Device::new(&format!("wss://{}/ws", host_for(lab, node))).inside(node);
        let device = device.with("WHERRY_CA_FILE", &security.path("server.pem"));
        device.run(&["config", "set", "stun-servers", STUN_SERVERS]);
        match lab.proxy(node) {
            Some(proxy) => device.with("WHERRY_PROXY", &format!("http://{}", proxy.address())),
            None => device,
        }
    }

    /// A new device in the namespace `node` of the lab, which knows both servers.
    ///
    /// # Panics
    /// When it cannot be set up.
    pub fn device(lab: &Lab, node: &str) -> Device {
        let host = host_for(lab, node);
        let device = Device::new(&format!("ws://{host}:{SIGNALING_PORT}/ws")).inside(node);
        device.run(&["config", "set", "stun-servers", STUN_SERVERS]);
        device
    }

    /// Kills the signaling server and starts another one in its place.
    ///
    /// # Panics
    /// When that fails.
    pub fn restart_signaling(&mut self, lab: &Lab) {
        end(&mut self.signaling);
        self.signaling = serve(lab, self.security.as_ref());
    }
}

impl Drop for Internet {
    fn drop(&mut self) {
        end(&mut self.signaling);
        end(&mut self.stun);
    }
}

impl Security {
    fn new() -> Self {
        let folder = TempDir::with_prefix("wherry-e2e-").expect("a folder");
        let names = [Lab::SERVER.to_owned(), "2a0f::1".to_owned()];
        let made = rcgen::generate_simple_self_signed(names).expect("a certificate");
        let write = |name: &str, text: String| {
            fs::write(folder.path().join(name), text).expect("a file");
        };
        write("server.pem", made.cert.pem());
        write("server.key", made.signing_key.serialize_pem());
        Self { folder }
    }

    fn path(&self, name: &str) -> String {
        self.folder.path().join(name).display().to_string()
    }
}

/// The server's address of a family that the device has.
fn host_for(lab: &Lab, node: &str) -> &'static str {
    let has_v4 = lab.node(node).inside(|| {
        UdpSocket::bind("0.0.0.0:0")
            .and_then(|it| it.connect("11.0.0.1:9"))
            .is_ok()
    });
    if has_v4 { "11.0.0.1" } else { "[2a0f::1]" }
}

fn serve(lab: &Lab, security: Option<&Security>) -> Child {
    let inet = lab.node("inet");
    let mut command = inet.command(binary("wherry-signaling"));
    let port = match security {
        None => SIGNALING_PORT,
        Some(security) => {
            command.args(["--tls-cert", &security.path("server.pem")]);
            command.args(["--tls-key", &security.path("server.key")]);
            HTTPS_PORT
        }
    };
    let server = spawn(command.args(["--listen", &format!("[::]:{port}")]));
    let listens = || inet.inside(|| TcpStream::connect((Lab::SERVER, port)).is_ok());
    wait_until("signaling", listens);
    server
}

/// Starts a server whose words are shown when a test fails.
fn spawn(command: &mut Command) -> Child {
    let command = command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped());
    let mut child = command.spawn().expect("the server starts");
    let words = BufReader::new(child.stderr.take().expect("standard error is piped"));
    thread::spawn(move || {
        words
            .lines()
            .map_while(Result::ok)
            .for_each(|line| say(&line))
    });
    child
}

#[expect(clippy::print_stderr, reason = "it is shown when a test fails")]
fn say(line: &str) {
    eprintln!("{line}");
}

fn end(child: &mut Child) {
    child.kill().ok();
    child.wait().ok();
}

fn wait_until(what: &str, is_so: impl Fn() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !is_so() {
        assert!(Instant::now() < deadline, "{what} does not answer");
        thread::sleep(Duration::from_millis(20));
    }
}

/// Asks the STUN server for a binding (RFC 8489 §5).
fn stun_answers() -> bool {
    let server: SocketAddr = (
        Lab::SERVER.parse::<std::net::IpAddr>().expect("an address"),
        3_478,
    )
        .into();
    let request = [
        &[0x00, 0x01, 0x00, 0x00, 0x21, 0x12, 0xa4, 0x42][..],
        &[7; 12],
    ]
    .concat();
    let asked = || -> std::io::Result<usize> {
        let socket = UdpSocket::bind("0.0.0.0:0")?;
        socket.set_read_timeout(Some(Duration::from_millis(200)))?;
        socket.send_to(&request, server)?;
        socket.recv(&mut [0; 200])
    };
    asked().is_ok()
}

const SIGNALING_PORT: u16 = 7_400;
const HTTPS_PORT: u16 = 443;
const STUN_SERVERS: &str = "11.0.0.1:3478 [2a0f::1]:3478";
const PATIENCE: Duration = Duration::from_secs(30);
/// coturn that answers binding requests and relays nothing.
const STUN: [&str; 12] = [
    "-n",
    "--stun-only",
    "--no-cli",
    "--no-tls",
    "--no-dtls",
    "--log-file=stdout",
    "--pidfile=/run/turnserver.pid",
    "--userdb=/run/turndb",
    "--listening-ip=11.0.0.1",
    "--listening-ip=2a0f::1",
    "--listening-port=3478",
    "--relay-ip=11.0.0.1",
];
