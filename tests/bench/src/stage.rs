use std::fs;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::contest::{Contest, Load};
use crate::samples;
use crate::settings::Settings;

/// The samples, and room for what arrives; gone when dropped.
#[derive(Debug)]
pub(crate) struct Stage {
    folder: TempDir,
    file_mib: u64,
}

impl Stage {
    /// Makes the samples that the contests need.
    pub(crate) fn set(settings: &Settings, contests: &[Contest]) -> std::io::Result<Self> {
        let stage = Self {
            folder: TempDir::with_prefix_in("wherry-bench-", &settings.disk)?,
            file_mib: settings.file_mib,
        };
        let is_needed = |load| contests.iter().any(|contest| contest.load == load);
        if is_needed(Load::File) {
            samples::make_file(&stage.source(Load::File), settings.file_mib)?;
        }
        if is_needed(Load::Tree) {
            samples::make_tree(&stage.source(Load::Tree))?;
        }
        if is_needed(Load::Sparse) {
            samples::make_sparse(&stage.source(Load::Sparse))?;
        }
        Ok(stage)
    }

    /// What is carried.
    pub(crate) fn source(&self, load: Load) -> PathBuf {
        self.folder.path().join(name(load))
    }

    /// A fresh place for what arrives, and where in it.
    pub(crate) fn arrival(&self, load: Load) -> std::io::Result<Arrival> {
        let folder = TempDir::with_prefix_in("run-", self.folder.path())?;
        let into = folder.path().join("into");
        fs::create_dir(&into)?;
        let path = into.join(name(load));
        Ok(Arrival { folder, into, path })
    }

    /// How much content is carried.
    pub(crate) fn size_mib(&self, load: Load) -> f64 {
        match load {
            Load::File => self.file_mib as f64,
            Load::Tree => samples::TREE_FILES as f64 / 256.0,
            Load::Sparse => samples::SPARSE_MIB as f64,
        }
    }
}

/// A folder for one run; gone when dropped.
#[derive(Debug)]
pub(crate) struct Arrival {
    folder: TempDir,
    /// The folder that receives.
    pub(crate) into: PathBuf,
    /// What should appear in it.
    pub(crate) path: PathBuf,
}

impl Arrival {
    /// For whatever else the run needs.
    pub(crate) fn scratch(&self) -> &Path {
        self.folder.path()
    }
}

fn name(load: Load) -> &'static str {
    match load {
        Load::File => "one file.bin",
        Load::Tree => "tree",
        Load::Sparse => "sparse.img",
    }
}
