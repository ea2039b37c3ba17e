use std::env;
use std::fmt;
use std::process::{Command, Stdio};

use crate::compare::{self, Fidelity};
use crate::figures::Figures;
use crate::settings::Settings;
use crate::stage::Stage;
use crate::{peers, wherry};

/// One row of the table: who carries what.
#[derive(Debug)]
pub(crate) struct Contest {
    /// What is carried.
    pub(crate) load: Load,
    /// Who carries it, for people.
    pub(crate) name: &'static str,
    pub(crate) carrier: Carrier,
}

/// What is carried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Load {
    /// One large file.
    File,
    /// Many small files.
    Tree,
    /// One file of holes.
    Sparse,
}

/// Who carries it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Carrier {
    /// Real processes of ours.
    Wherry(Setup),
    /// Two processes, one TCP connection, no encryption, no verification.
    PlainTcp,
    /// curl from a tiny HTTP server.
    Curl,
    /// rsync between two of its processes, without a network.
    Rsync,
    /// scp from this machine to itself.
    Scp,
    /// tar into tar, through a pipe.
    Tar,
}

/// What our processes run on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Setup {
    /// Socket buffers as large as the system grants.
    Granted,
    /// What a Linux desktop grants whose administrator changed nothing.
    Capped,
    /// The stock WebRTC stack, with the socket buffers that the system grants.
    Stock,
}

impl Contest {
    /// Carries it once, and compares what arrived.
    pub(crate) fn run(&self, stage: &Stage, settings: &Settings) -> anyhow::Result<Figures> {
        let source = stage.source(self.load);
        let arrival = stage.arrival(self.load)?;
        let (figures, fidelity) = match self.carrier {
            Carrier::Wherry(setup) => {
                let fleet = wherry::Fleet::new(settings, &arrival, setup);
                (fleet.carry(&source, &arrival)?, Fidelity::Everything)
            }
            Carrier::PlainTcp => (peers::plain_tcp(&source, &arrival)?, Fidelity::Content),
            Carrier::Curl => (peers::curl(&source, &arrival)?, Fidelity::Content),
            Carrier::Rsync => (peers::rsync(&source, &arrival)?, Fidelity::Content),
            Carrier::Scp => (peers::scp(&source, &arrival)?, Fidelity::Content),
            Carrier::Tar => (peers::tar(&source, &arrival)?, Fidelity::Content),
        };
        compare::same(&source, &arrival.path, fidelity)?;
        Ok(figures)
    }
}

impl fmt::Display for Load {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::File => "one file",
            Self::Tree => "10,000 files",
            Self::Sparse => "8 GiB sparse",
        })
    }
}

/// The contests that this machine and the settings allow, and a note about each that they do not.
pub(crate) fn choose(settings: &Settings) -> (Vec<Contest>, Vec<String>) {
    let mut contests = Vec::new();
    let mut notes = Vec::new();
    for (load, name, carrier) in ALL {
        let contest = Contest {
            load,
            name,
            carrier,
        };
        let label = format!("{load}: {name}");
        if !label.contains(&settings.only) || load == Load::Sparse && !settings.with_sparse {
            continue;
        }
        match obstacle(carrier) {
            None => contests.push(contest),
            Some(obstacle) => notes.push(format!("left out: {label} ({obstacle})")),
        }
    }
    (contests, notes)
}

fn obstacle(carrier: Carrier) -> Option<&'static str> {
    let needed = match carrier {
        Carrier::Wherry(_) | Carrier::PlainTcp => return None,
        Carrier::Curl => "curl",
        Carrier::Rsync => "rsync",
        Carrier::Scp => "scp",
        Carrier::Tar => "tar",
    };
    if !is_installed(needed) {
        return Some("not installed");
    }
    (carrier == Carrier::Scp && !can_log_in_here()).then_some("no login to this machine")
}

pub(crate) fn is_installed(program: &str) -> bool {
    let folders = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&folders).any(|folder| folder.join(program).is_file())
}

fn can_log_in_here() -> bool {
    let mut ssh = Command::new("ssh");
    ssh.args([
        "-o",
        "BatchMode=yes",
        "-o",
        "ConnectTimeout=2",
        "localhost",
        "true",
    ]);
    ssh.stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    ssh.status().is_ok_and(|status| status.success())
}

const ALL: [(Load, &str, Carrier); 11] = [
    (Load::File, "wherry", GRANTED),
    (
        Load::File,
        "wherry, stock buffers",
        Carrier::Wherry(Setup::Capped),
    ),
    (
        Load::File,
        "wherry on the stock stack",
        Carrier::Wherry(Setup::Stock),
    ),
    (Load::File, "plain TCP", Carrier::PlainTcp),
    (Load::File, "curl over HTTP", Carrier::Curl),
    (Load::File, "rsync, no network", Carrier::Rsync),
    (Load::File, "scp", Carrier::Scp),
    (Load::Tree, "wherry", GRANTED),
    (Load::Tree, "tar, no network", Carrier::Tar),
    (Load::Tree, "rsync, no network", Carrier::Rsync),
    (Load::Sparse, "wherry", GRANTED),
];
const GRANTED: Carrier = Carrier::Wherry(Setup::Granted);
