//! Runs a test or a program again, alone in namespaces of its own.
//!
//! They hold users, mounts, networks and processes. Whoever started the inner process may be killed in any
//! way: the kernel then kills the inner process and everything below it, and the networks go with it.

use std::env;
use std::fs;
use std::process::{Command, ExitStatus, Stdio};

use anyhow::{Context as _, Result, bail};

/// Runs the body of the test `name` inside namespaces of its own, by starting the test binary again.
///
/// # Panics
/// When the body does, and where the system gives nobody such namespaces.
pub fn test(name: &str, body: impl FnOnce()) {
    if is_inside() {
        settle().expect("the namespaces are fit to live in");
        body();
        return;
    }
    let output = restart(&["--exact", name, "--nocapture", "--include-ignored"])
        .expect("a way into namespaces")
        .stdin(Stdio::null())
        .output()
        .expect("the test starts again");
    let said = [&output.stdout[..], &output.stderr].concat();
    let said = String::from_utf8_lossy(&said);
    assert!(output.status.success(), "{said}");
    assert!(said.contains("1 passed"), "there is a test {name}: {said}");
    print_for_the_test(&said);
}

/// Runs this program again with `arguments` inside namespaces of its own, unless it is inside already.
///
/// `None` says that this is the inner process.
pub fn program(arguments: &[&str]) -> Result<Option<ExitStatus>> {
    if is_inside() {
        settle()?;
        return Ok(None);
    }
    Ok(Some(restart(arguments)?.status()?))
}

/// Whether this process was started by [`test`] or [`program`].
pub fn is_inside() -> bool {
    env::var_os(INSIDE).is_some()
}

#[expect(
    clippy::print_stdout,
    reason = "what a test said is shown like that of any other"
)]
fn print_for_the_test(said: &str) {
    println!("{said}");
}

fn restart(arguments: &[&str]) -> Result<Command> {
    let Some(way) = WAYS.iter().find(|way| works(way)) else {
        bail!("no namespaces can be made here: run this as root, or allow user namespaces");
    };
    let mut command = Command::new("setpriv");
    command.env("PATH", path());
    command
        .args(["--pdeathsig", "KILL", "unshare"])
        .args(*way)
        .args(ALWAYS)
        .arg("--")
        .arg(env::current_exe().context("a program has a path")?)
        .args(arguments)
        .env(INSIDE, "1");
    Ok(command)
}

fn works(way: &[&str]) -> bool {
    let mut command = Command::new("unshare");
    command.args(way).args(ALWAYS).args(["--", "true"]);
    let tried = command.stdin(Stdio::null()).stderr(Stdio::null()).status();
    tried.is_ok_and(|status| status.success())
}

/// Where `ip` and `nft` are, which is not on everybody's path.
fn path() -> String {
    let path = env::var("PATH").unwrap_or_default();
    format!("{path}:/usr/sbin:/sbin")
}

/// A place for named namespaces that nobody else sees.
fn settle() -> Result<()> {
    let mounted = Command::new("mount")
        .args(["-t", "tmpfs", "netlab", "/run"])
        .status()
        .context("mount")?;
    if !mounted.success() {
        bail!("no private /run could be mounted");
    }
    fs::create_dir_all("/run/netns").context("a place for namespaces")
}

/// Without root first, where the system allows it.
const WAYS: [&[&str]; 2] = [&["--user", "--map-root-user"], &[]];
const ALWAYS: [&str; 6] = [
    "--net",
    "--mount",
    "--pid",
    "--fork",
    "--kill-child",
    "--mount-proc",
];
const INSIDE: &str = "NETLAB_INSIDE";
