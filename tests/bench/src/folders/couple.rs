use std::fs;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use anyhow::Context as _;
use tempfile::TempDir;

use super::{Kind, ours, theirs};
use crate::measured;
use crate::settings::Settings;

/// Two devices that share a folder; gone when dropped.
#[derive(Debug)]
pub(super) struct Couple {
    pub(super) kind: Kind,
    /// The two sides of the shared folder.
    pub(super) sides: [PathBuf; 2],
    /// For whatever is made before it goes into the folder.
    pub(super) scratch: PathBuf,
    devices: [Process; 2],
    /// What they need besides.
    _others: Vec<Process>,
    _folder: TempDir,
}

impl Couple {
    pub(super) fn meet(kind: Kind, settings: &Settings) -> anyhow::Result<Self> {
        let folder = TempDir::with_prefix_in("wherry-bench-folder-", &settings.disk)?;
        let sides = ["a", "b"].map(|side| folder.path().join(side).join("shared"));
        for side in &sides {
            fs::create_dir_all(side)?;
        }
        let (devices, others) = match kind {
            Kind::Ours => ours::start(settings, folder.path(), &sides)?,
            Kind::Theirs { delay } => (theirs::start(folder.path(), &sides, delay)?, Vec::new()),
        };
        let scratch = folder.path().join("scratch");
        fs::create_dir(&scratch)?;
        Ok(Self {
            kind,
            sides,
            scratch,
            devices,
            _others: others,
            _folder: folder,
        })
    }

    /// Processor time of the device that receives.
    pub(super) fn cpu_seconds(&self) -> anyhow::Result<f64> {
        self.devices[1].cpu_seconds()
    }

    /// What the device that receives has in memory.
    pub(super) fn resident_mib(&self) -> anyhow::Result<f64> {
        self.devices[1].resident_mib()
    }
}

/// A process that is killed when dropped.
#[derive(Debug)]
pub(super) struct Process(Child);

impl Process {
    pub(super) fn start(command: &mut Command) -> anyhow::Result<Self> {
        let program = command.get_program().to_owned();
        let child = command.stdin(Stdio::null()).spawn();
        let child = child.with_context(|| format!("{} does not start", program.display()));
        Ok(Self(child?))
    }

    pub(super) fn child(&mut self) -> &mut Child {
        &mut self.0
    }

    pub(super) fn id(&self) -> u32 {
        self.0.id()
    }

    /// The process that works: Syncthing's watches over another one.
    fn worker(&self) -> u32 {
        let own = self.0.id();
        let children = fs::read_to_string(format!("/proc/{own}/task/{own}/children"));
        let children = children.unwrap_or_default();
        let first = children.split_whitespace().next();
        first.and_then(|it| it.parse().ok()).unwrap_or(own)
    }

    fn cpu_seconds(&self) -> anyhow::Result<f64> {
        measured::cpu_seconds(self.worker()).context("it has ended")
    }

    fn resident_mib(&self) -> anyhow::Result<f64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.worker()))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kib = line.and_then(|line| line.trim().strip_suffix("kB"));
        let kib: f64 = kib.context("it has ended")?.trim().parse()?;
        Ok(kib / 1024.0)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let worker = self.worker();
        if worker != self.0.id() {
            // Whoever watches over it would start another one.
            self.0.kill().ok();
            Command::new("kill").arg(worker.to_string()).status().ok();
        }
        self.0.kill().ok();
        self.0.wait().ok();
    }
}
