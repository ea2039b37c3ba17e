use std::fs;
use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use anyhow::Context as _;
use tempfile::TempDir;

use crate::contest;
use crate::measured;
use crate::settings::Settings;

/// Who relays.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Ours.
    WherryTurn,
    /// The one of the system, with the configuration that we ship.
    Coturn,
}

impl Kind {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::WherryTurn => "wherry-turn",
            Self::Coturn => "coturn",
        }
    }

    /// Why it cannot be measured here.
    pub(super) fn obstacle(self, settings: &Settings) -> Option<&'static str> {
        let is_there = match self {
            Self::WherryTurn => settings.binaries.join("wherry-turn").exists(),
            Self::Coturn => contest::is_installed("turnserver"),
        };
        (!is_there).then_some("not installed")
    }
}

/// A relay that runs on loopback; killed when dropped.
#[derive(Debug)]
pub(super) struct Program {
    child: Child,
    at: SocketAddr,
    _folder: TempDir,
}

impl Program {
    pub(super) fn start(kind: Kind, settings: &Settings) -> anyhow::Result<Self> {
        let folder = TempDir::with_prefix("wherry-bench-relay-")?;
        // Asked for and let go again: nobody else takes it meanwhile but by rare chance.
        let at = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?;
        let mut command = match kind {
            Kind::WherryTurn => wherry_turn(&settings.binaries, folder.path(), at)?,
            Kind::Coturn => coturn(folder.path(), at)?,
        };
        command
            .current_dir(folder.path())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        let child = command.spawn().context("the relay does not start")?;
        Ok(Self {
            child,
            at,
            _folder: folder,
        })
    }

    /// Where its clients come.
    pub(super) fn address(&self) -> SocketAddr {
        self.at
    }

    /// Processor time since it started.
    pub(super) fn cpu_seconds(&self) -> anyhow::Result<f64> {
        measured::cpu_seconds(self.child.id()).context("the relay has ended")
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

fn wherry_turn(binaries: &Path, folder: &Path, at: SocketAddr) -> anyhow::Result<Command> {
    let secret = folder.join("secret");
    fs::write(&secret, SECRET)?;
    let mut command = Command::new(binaries.join("wherry-turn"));
    command
        .args(["--listen", &at.to_string(), "--secret-file"])
        .arg(secret);
    Ok(command)
}

fn coturn(folder: &Path, at: SocketAddr) -> anyhow::Result<Command> {
    let mut text = String::new();
    for line in include_str!("../../../../turn/deploy/coturn.conf").lines() {
        let key = line.split('=').next().unwrap_or_default();
        text += &match key {
            "listening-ip" | "relay-ip" => format!("{key}={}\n", at.ip()),
            "listening-port" => format!("{key}={}\n", at.port()),
            "static-auth-secret" => format!("{key}={SECRET}\n"),
            "tls-listening-port" => "no-tls\n".to_owned(),
            "pidfile" => format!("{key}={}\n", folder.join("pid").display()),
            // It is to be as fast as it can, and to say nothing.
            "max-bps" | "syslog" | "cert" | "pkey" | "proc-user" | "proc-group" => String::new(),
            _ => format!("{line}\n"),
        };
    }
    let log = folder.join("log");
    text += &format!("log-file={}\n", log.display());
    // Its clients and their peers are on this machine.
    text += "allow-loopback-peers\ncli-password=unused\nallowed-peer-ip=127.0.0.1\n";
    let path = folder.join("coturn.conf");
    fs::write(&path, text)?;
    let mut command = Command::new("turnserver");
    command.arg("-c").arg(path);
    Ok(command)
}

/// Shared with the relays, which nobody but this machine reaches.
pub(super) const SECRET: &str = "a secret of some length";
