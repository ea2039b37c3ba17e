use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::Target;

/// One input of a corpus.
#[derive(Debug, Clone)]
pub struct Sample {
    /// The name of its file.
    pub name: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// Reads the corpus of `target`, sorted by name.
pub fn load(target: &Target) -> io::Result<Vec<Sample>> {
    let mut samples = Vec::new();
    for entry in fs::read_dir(folder(target))? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let bytes = fs::read(entry.path())?;
        samples.push(Sample { name, bytes });
    }
    samples.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(samples)
}

/// Writes the seeds of `target` into its corpus as `seed-<name>`, in place of those that were there.
pub fn write_seeds(target: &Target) -> io::Result<()> {
    let folder = folder(target);
    fs::create_dir_all(&folder)?;
    for sample in load(target)?.iter().filter(|sample| is_seed(sample)) {
        fs::remove_file(folder.join(&sample.name))?;
    }
    for (name, bytes) in (target.seeds)() {
        fs::write(folder.join(format!("{SEED}{name}")), bytes)?;
    }
    Ok(())
}

fn is_seed(sample: &Sample) -> bool {
    sample.name.starts_with(SEED)
}

fn folder(target: &Target) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("corpus")
        .join(target.name)
}

const SEED: &str = "seed-";
