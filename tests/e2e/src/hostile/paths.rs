use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

/// Watches everything around a destination.
#[derive(Debug)]
pub struct Sandbox {
    around: PathBuf,
    except: PathBuf,
    before: BTreeSet<PathBuf>,
}

impl Sandbox {
    /// Notes what lies in `around` and not in `except`.
    pub fn watch(around: &Path, except: &Path) -> Self {
        Self {
            around: around.to_owned(),
            except: except.to_owned(),
            before: everything(around, except),
        }
    }

    /// Asserts that nothing was added, and nothing written under the names that absolute paths of the
    /// corpus point at.
    ///
    /// # Panics
    /// When something was.
    pub fn check(&self) {
        let after = everything(&self.around, &self.except);
        let new: Vec<_> = after.difference(&self.before).collect();
        assert!(new.is_empty(), "written outside of the root: {new:?}");
        for path in ESCAPES {
            assert!(!Path::new(path).exists(), "{path} was written");
        }
    }
}

fn everything(folder: &Path, except: &Path) -> BTreeSet<PathBuf> {
    let mut found = BTreeSet::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        let Ok(entries) = fs::read_dir(&folder) else {
            continue;
        };
        for entry in entries.filter_map(Result::ok) {
            let path = entry.path();
            if path == except {
                continue;
            }
            if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                folders.push(path.clone());
            }
            found.insert(path);
        }
    }
    found
}

/// One row of the corpus: its class, what must become of it, and the paths of the entries sent.
#[derive(Debug, Clone)]
pub struct HostileNames {
    /// What kind of attack.
    pub class: String,
    /// `refused`, `cancelled` or `stored`.
    pub fate: String,
    /// The components of each entry's path, as bytes.
    pub paths: Vec<Vec<Vec<u8>>>,
}

/// The corpus, `hostile_names.tsv`.
///
/// # Panics
/// When the file is damaged.
pub fn hostile_names() -> Vec<HostileNames> {
    let rows = CORPUS.lines().filter(|line| !line.starts_with('#'));
    rows.map(|row| {
        let fields: Vec<&str> = row.split('\t').collect();
        let [class, fate, paths] = fields[..] else {
            panic!("three fields: {row}");
        };
        let paths: Vec<Vec<Value>> = serde_json::from_str(paths).expect("paths are JSON");
        HostileNames {
            class: class.to_owned(),
            fate: fate.to_owned(),
            paths: paths
                .into_iter()
                .map(|path| path.into_iter().map(component).collect())
                .collect(),
        }
    })
    .collect()
}

/// Text, or a list of bytes where it cannot be text.
fn component(value: Value) -> Vec<u8> {
    match value {
        Value::String(text) => text.into_bytes(),
        bytes => serde_json::from_value(bytes).expect("bytes"),
    }
}

const CORPUS: &str = include_str!("hostile_names.tsv");
/// Where the absolute paths of the corpus point.
const ESCAPES: [&str; 2] = ["/tmp/wherry-escaped", "/wherry-escaped"];
