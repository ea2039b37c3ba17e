//! A network of a test's own, whose traffic is counted by the system and by nothing of ours.
//!
//! The test starts itself again inside a new network namespace that holds a loopback device only. What that
//! device carried is what the processes of the test said to each other: every datagram with all its headers,
//! both ways, repetitions included.

use std::fs;
use std::process::Command;

use tempfile::TempDir;

/// Counts the bytes of the network that a test has for itself.
#[derive(Debug, Clone, Copy)]
pub struct Wire {
    is_counted: bool,
}

impl Wire {
    /// The bytes that this network carried so far; `None` where nobody can count and that was allowed.
    ///
    /// # Panics
    /// When the system does not say.
    pub fn bytes(self) -> Option<u64> {
        self.is_counted.then(loopback_bytes)
    }
}

/// Runs the body of the test `name` in a network of its own.
///
/// It takes a system with network namespaces, and the right to make one: as root, or where users may have
/// user namespaces. Elsewhere the test fails, unless `WHERRY_E2E_UNCOUNTED=1` allows to go without the count.
///
/// # Panics
/// When the body does, and when there can be no such network.
pub fn in_own_network(name: &str, body: impl FnOnce(Wire)) {
    if let Some(done) = std::env::var_os(INSIDE) {
        bring_loopback_up();
        body(Wire { is_counted: true });
        fs::write(done, name).expect("the mark of a test that ran can be written");
        return;
    }
    let Some(maker) = namespace_maker() else {
        assert!(
            std::env::var(UNCOUNTED).is_ok_and(|allowed| allowed == "1"),
            "no network namespace can be made here, so nobody counts what goes over the wire: run the \
             tests as root, or allow user namespaces, or set {UNCOUNTED}=1 to go without the count"
        );
        say_uncounted(name);
        body(Wire { is_counted: false });
        return;
    };
    run_inside(maker, name);
}

#[expect(clippy::print_stderr, reason = "whoever runs the tests must see it")]
fn say_uncounted(name: &str) {
    eprintln!("{name}: BYTES ON THE WIRE ARE NOT COUNTED, because {UNCOUNTED} is set");
}

#[expect(
    clippy::print_stdout,
    reason = "what the test said is shown like that of any other"
)]
fn run_inside(maker: &[&str], name: &str) {
    let folder = TempDir::with_prefix("wherry-e2e-").expect("a folder for the mark");
    let done = folder.path().join("done");
    let output = unshare(maker)
        .arg(std::env::current_exe().expect("a test has a path"))
        .args(["--exact", name, "--nocapture"])
        .env(INSIDE, &done)
        .output()
        .expect("the test starts again");
    let (out, err) = (text(&output.stdout), text(&output.stderr));
    assert!(output.status.success(), "{out}\n{err}");
    println!("{out}");
    assert!(done.exists(), "there is a test of the name {name}: {out}");
}

/// The first way that works here, in arguments of `unshare`.
fn namespace_maker() -> Option<&'static [&'static str]> {
    let ways: [&[&str]; 2] = [&["--net"], &["--user", "--map-root-user", "--net"]];
    ways.into_iter().find(|way| {
        let tried = unshare(way).arg("true").output();
        tried.is_ok_and(|tried| tried.status.success())
    })
}

fn unshare(way: &[&str]) -> Command {
    let mut command = Command::new("unshare");
    command.args(way).arg("--");
    command
}

fn loopback_bytes() -> u64 {
    let table = fs::read_to_string("/proc/self/net/dev").expect("the system counts");
    let loopback = table
        .lines()
        .find_map(|line| line.trim().strip_prefix("lo:"));
    let received = loopback.and_then(|counts| counts.split_whitespace().next());
    let received = received.expect("there is a loopback device");
    received.parse().expect("a number")
}

/// A new namespace has a loopback device that is down; this asks the kernel as `ip link set lo up` does.
#[cfg(target_os = "linux")]
fn bring_loopback_up() {
    use rustix::net::netlink::SocketAddrNetlink;
    use rustix::net::{AddressFamily, RecvFlags, SendFlags, SocketFlags, SocketType};

    let mut request = Vec::new();
    request.extend(32u32.to_ne_bytes()); // The length of it all.
    request.extend(16u16.to_ne_bytes()); // RTM_NEWLINK
    request.extend(5u16.to_ne_bytes()); // NLM_F_REQUEST | NLM_F_ACK
    request.extend([0; 8]); // Sequence number and port.
    request.extend([0; 4]); // Any family, any type.
    request.extend(1i32.to_ne_bytes()); // The loopback device is always the first.
    request.extend(1u32.to_ne_bytes()); // IFF_UP is to be
    request.extend(1u32.to_ne_bytes()); // changed, nothing else.
    let family = AddressFamily::NETLINK;
    let socket = rustix::net::socket_with(family, SocketType::RAW, SocketFlags::CLOEXEC, None)
        .expect("the kernel takes requests");
    rustix::net::sendto(
        &socket,
        &request,
        SendFlags::empty(),
        &SocketAddrNetlink::new(0, 0),
    )
    .expect("the kernel takes this request");
    let mut answer = [0u8; 1_024];
    rustix::net::recv(&socket, &mut answer, RecvFlags::empty()).expect("the kernel answers");
    let error = answer.get(16..20).expect("longer than that");
    assert_eq!(error, [0; 4], "the loopback device comes up");
}

#[cfg(not(target_os = "linux"))]
fn bring_loopback_up() {}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Set where the test runs inside its network: the file that says that it ran to its end.
const INSIDE: &str = "WHERRY_E2E_INSIDE";
/// Set by whoever accepts that bytes are not counted.
const UNCOUNTED: &str = "WHERRY_E2E_UNCOUNTED";
