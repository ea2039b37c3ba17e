use std::env;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, ensure};

/// What the environment asks for.
#[derive(Debug)]
pub(crate) struct Settings {
    /// Size of the one file (`WHERRY_BENCH_MIB`).
    pub(crate) file_mib: u64,
    /// How often everything is measured (`WHERRY_BENCH_RUNS`).
    pub(crate) runs: usize,
    /// Whether the sparse file is carried too (`WHERRY_BENCH_SPARSE=1`).
    pub(crate) with_sparse: bool,
    /// Only the contests whose label contains this (`WHERRY_BENCH_ONLY`).
    pub(crate) only: String,
    /// For how long each link is looked at (`WHERRY_BENCH_LINK_SECONDS`).
    pub(crate) link_time: Duration,
    /// Where everything lies, a memory disk if there is one (`WHERRY_BENCH_DIR`).
    pub(crate) disk: PathBuf,
    /// Where `wherry` and `wherry-signaling` lie: beside this program, or `WHERRY_BENCH_BINARIES`.
    pub(crate) binaries: PathBuf,
}

impl Settings {
    pub(crate) fn from_environment() -> anyhow::Result<Self> {
        let settings = Self {
            file_mib: number("WHERRY_BENCH_MIB", 1_024)?,
            runs: usize::try_from(number("WHERRY_BENCH_RUNS", 3)?)?,
            with_sparse: env::var("WHERRY_BENCH_SPARSE").is_ok_and(|it| it == "1"),
            only: env::var("WHERRY_BENCH_ONLY").unwrap_or_default(),
            link_time: Duration::from_secs(number("WHERRY_BENCH_LINK_SECONDS", 8)?),
            disk: folder("WHERRY_BENCH_DIR").unwrap_or_else(memory_disk),
            binaries: folder("WHERRY_BENCH_BINARIES").map_or_else(beside_this_program, Ok)?,
        };
        ensure!(settings.file_mib > 0, "WHERRY_BENCH_MIB must not be 0");
        ensure!(settings.runs > 0, "WHERRY_BENCH_RUNS must not be 0");
        for name in ["wherry", "wherry-signaling"] {
            let path = settings.binaries.join(name);
            ensure!(path.exists(), "build {name} first: make bench does it");
        }
        Ok(settings)
    }
}

fn number(variable: &str, default: u64) -> anyhow::Result<u64> {
    match env::var(variable) {
        Ok(text) => text
            .parse()
            .with_context(|| format!("{variable}={text} is no number")),
        Err(_) => Ok(default),
    }
}

fn folder(variable: &str) -> Option<PathBuf> {
    env::var_os(variable).map(PathBuf::from)
}

fn memory_disk() -> PathBuf {
    let usual = Path::new("/dev/shm");
    if usual.is_dir() {
        usual.to_owned()
    } else {
        env::temp_dir()
    }
}

fn beside_this_program() -> anyhow::Result<PathBuf> {
    let program = env::current_exe()?;
    let folder = program.parent().context("a program lies in a folder")?;
    Ok(folder.to_owned())
}
