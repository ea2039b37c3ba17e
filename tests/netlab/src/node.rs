//! One network namespace and what is done in it.

use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::os::fd::AsFd as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::thread;

use anyhow::{Context as _, Result, bail};
use rustix::thread::{LinkNameSpaceType, move_into_link_name_space};

/// A network namespace; dropping it removes it, unless processes are still in it.
#[derive(Debug)]
pub struct Node {
    name: String,
}

impl Node {
    /// Makes an empty namespace that forwards packets and has its loopback up.
    pub(crate) fn new(name: &str) -> Result<Self> {
        run(Command::new("ip").args(["netns", "add", name]))?;
        let node = Self {
            name: name.to_owned(),
        };
        node.ip("link set lo up")?;
        node.inside(set_switches)?;
        Ok(node)
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// A command that runs in this namespace.
    pub fn command(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = Command::new("nsenter");
        command
            .arg(format!("--net={}", self.path().display()))
            .arg("--")
            .arg(program);
        command
    }

    /// Runs `work` on a thread in this namespace; sockets made there stay there.
    pub fn inside<T: Send>(&self, work: impl FnOnce() -> T + Send) -> T {
        thread::scope(|scope| {
            let task = scope.spawn(|| {
                self.enter().expect("this namespace can be entered");
                work()
            });
            task.join().expect("the work in a namespace does not panic")
        })
    }

    /// Runs `ip` with `arguments`, which are separated by spaces.
    pub fn ip(&self, arguments: &str) -> Result<()> {
        let mut command = Command::new("ip");
        command
            .args(["-n", &self.name])
            .args(arguments.split_whitespace());
        run(&mut command)
    }

    /// Its routes over IPv4, as `ip` says and takes them.
    pub(crate) fn routes(&self) -> Result<Vec<String>> {
        let mut command = Command::new("ip");
        let output = command.args(["-n", &self.name, "route", "show"]).output()?;
        let text = String::from_utf8(output.stdout).context("ip speaks text")?;
        // What a state of the link is called is no part of a route.
        let route = |line: &str| line.replace(" linkdown", "").trim().to_owned();
        Ok(text.lines().map(route).collect())
    }

    /// Loads a set of nftables rules.
    pub fn load_rules(&self, rules: &str) -> Result<()> {
        let mut command = self.command("nft");
        command
            .args(["-f", "-"])
            .stdin(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = command.spawn().context("nft")?;
        let mut input = child.stdin.take().context("nft reads what it is told")?;
        input.write_all(rules.as_bytes())?;
        drop(input);
        let output = child.wait_with_output()?;
        if !output.status.success() {
            bail!("nft: {}\n{rules}", String::from_utf8_lossy(&output.stderr));
        }
        Ok(())
    }

    /// Moves the calling thread into this namespace, for good.
    pub(crate) fn enter(&self) -> Result<()> {
        let path = self.path();
        let namespace = OpenOptions::new().read(true).open(&path)?;
        let kind = Some(LinkNameSpaceType::Network);
        move_into_link_name_space(namespace.as_fd(), kind)
            .with_context(|| format!("enter {}", path.display()))
    }

    fn path(&self) -> PathBuf {
        PathBuf::from("/run/netns").join(&self.name)
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        let mut command = Command::new("ip");
        command
            .args(["netns", "del", &self.name])
            .stderr(Stdio::null());
        // Whatever is left goes with the process.
        command.status().ok();
    }
}

/// Runs a command to its end; what it says about a failure is the error.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    let output = command.output().with_context(|| format!("{command:?}"))?;
    if !output.status.success() {
        bail!(
            "{command:?}: {}",
            String::from_utf8_lossy(&output.stderr).trim()
        );
    }
    Ok(())
}

fn set_switches() -> Result<()> {
    for (switch, value) in SWITCHES {
        fs::write(format!("/proc/sys/net/{switch}"), value).with_context(|| switch.to_owned())?;
    }
    for switch in BRIDGE_SWITCHES {
        // They exist only where the bridge's own filter is loaded.
        fs::write(format!("/proc/sys/net/bridge/{switch}"), "0").ok();
    }
    Ok(())
}

const SWITCHES: [(&str, &str); 7] = [
    ("ipv4/ip_forward", "1"),
    ("ipv4/conf/all/rp_filter", "0"),
    ("ipv4/conf/default/rp_filter", "0"),
    ("ipv4/ping_group_range", "0 0"),
    ("ipv6/conf/all/forwarding", "1"),
    ("ipv6/conf/all/accept_dad", "0"),
    ("ipv6/conf/default/accept_dad", "0"),
];
const BRIDGE_SWITCHES: [&str; 3] = [
    "bridge-nf-call-iptables",
    "bridge-nf-call-ip6tables",
    "bridge-nf-call-arptables",
];
