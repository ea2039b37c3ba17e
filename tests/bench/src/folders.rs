//! What a shared folder costs between two devices: ours beside the Syncthing of the system, in a network of their own.

mod couple;
mod loads;
mod ours;
mod swarm;
mod theirs;

use std::process::{Command, Stdio};

use anyhow::Context as _;

use crate::settings::Settings;
use crate::{contest, table};

use couple::Couple;
use loads::Row;

/// The role of this program that measures, alone in its network: then what goes over the wire can be counted.
pub(crate) const MEASURE_FOLDERS: &str = "measure-folders";

/// Measures everything that was asked for; a table and notes for people. The flag says whether something failed.
pub(crate) fn measure(settings: &Settings) -> anyhow::Result<(String, bool)> {
    if ![LABEL, SWARM_LABEL]
        .iter()
        .any(|label| label.contains(&settings.only))
    {
        return Ok((String::new(), false));
    }
    let mut alone = Command::new("unshare");
    alone.args(["--net", "--map-root-user"]);
    alone.arg(std::env::current_exe()?).arg(MEASURE_FOLDERS);
    let output = alone.stderr(Stdio::inherit()).output();
    let output = output.context("unshare does not start")?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    Ok((text, !output.status.success()))
}

/// The other side of [`measure`]: what it is to print.
pub(crate) fn measure_alone() -> anyhow::Result<String> {
    let settings = Settings::from_environment()?;
    let up = Command::new("ip")
        .args(["link", "set", "lo", "up"])
        .status();
    up.context("ip does not start")?;
    if SWARM_LABEL.contains(&settings.only) && !LABEL.contains(&settings.only) {
        return swarm::measure(&settings);
    }
    let mut rows = Vec::new();
    let mut notes = String::new();
    let kinds = [
        Kind::Ours,
        Kind::Theirs { delay: "10" },
        Kind::Theirs { delay: "0.1" },
    ];
    for kind in kinds {
        if kind != Kind::Ours && !contest::is_installed("syncthing") {
            notes += &format!("left out: {} (not installed)\n", kind.name());
            continue;
        }
        let couple = Couple::meet(kind, &settings);
        let couple = couple.with_context(|| kind.name().to_owned())?;
        match loads::measure(&couple, &settings) {
            Ok(row) => rows.push(row),
            Err(error) if kind != Kind::Ours => {
                // What others do not manage does not hide what was measured.
                notes += &format!("left out: {} ({error:#})\n", kind.name());
            }
            Err(error) => return Err(error),
        }
    }
    Ok(table_of(&rows) + &notes + &swarm::measure(&settings)?)
}

fn table_of(rows: &[Row]) -> String {
    let head = [
        "a shared folder",
        "saved file p50 s",
        "p95 s",
        "10,000 files s",
        "the file MiB/s",
        "1 MiB changed s",
        "MiB on the wire",
        "1 MiB inserted s",
        "MiB on the wire",
        "idle % of a core",
        "MiB resident",
    ];
    let mut cells = vec![head.map(str::to_owned).to_vec()];
    for row in rows {
        let mut line = vec![row.name.to_owned()];
        line.extend(row.figures.iter().map(|it| table::short(*it)));
        cells.push(line);
    }
    table::layout(&cells) + "\n"
}

/// Who shares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Our devices.
    Ours,
    /// Syncthing's, which waits so many seconds after a change before it looks.
    Theirs { delay: &'static str },
}

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Self::Ours => "wherry",
            Self::Theirs { delay: "10" } => "Syncthing",
            Self::Theirs { .. } => "Syncthing at its fastest",
        }
    }
}

const LABEL: &str = "a shared folder: wherry and Syncthing";
/// Measured with the former, or alone.
const SWARM_LABEL: &str = "a shared folder: five members";
