use std::fs;
use std::io;
use std::path::Path;
use std::sync::OnceLock;

use crate::Violation;
use crate::outline::Outline;

/// One text file of the project.
#[derive(Debug, Clone)]
pub struct File {
    /// Relative to the root, with forward slashes.
    pub path: String,
    /// Its content.
    pub text: String,
    outline: OnceLock<Result<Outline, Violation>>,
}

impl File {
    fn new(path: String, text: String) -> Self {
        Self {
            path,
            text,
            outline: OnceLock::new(),
        }
    }

    /// What it holds as a Rust file, read once; a file that is no Rust is a violation.
    pub(crate) fn outline(&self) -> Result<&Outline, &Violation> {
        self.outline.get_or_init(|| Outline::of(self)).as_ref()
    }

    /// The last component of the path.
    pub fn name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or(&self.path)
    }

    /// Whether the whole file is test code: below `tests`, `benches` or `examples`, or named `tests.rs`.
    pub fn is_test(&self) -> bool {
        let mut folders: Vec<&str> = self.path.split('/').collect();
        folders.pop();
        self.name() == "tests.rs" || folders.iter().any(|it| TEST_FOLDERS.contains(it))
    }

    /// The lines with their numbers, from 1.
    pub fn lines(&self) -> impl Iterator<Item = (usize, &str)> {
        self.text
            .lines()
            .enumerate()
            .map(|(index, line)| (index + 1, line))
    }
}

/// The text files of the project, sorted by path.
#[derive(Debug, Clone, Default)]
pub struct Tree {
    files: Vec<File>,
    /// Paths of what is there and has no text, like pictures.
    others: Vec<String>,
}

impl Tree {
    /// Reads every text file below `root`; build output, binary files and foreign code are left out.
    pub fn load(root: &Path) -> io::Result<Self> {
        let mut tree = Self::default();
        read_folder(root, "", &mut tree)?;
        tree.files.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(tree)
    }

    /// Makes a tree of `(path, text)` pairs.
    pub fn of(files: &[(&str, &str)]) -> Self {
        let file = |&(path, text): &(&str, &str)| File::new(path.to_owned(), text.to_owned());
        Self {
            files: files.iter().map(file).collect(),
            others: Vec::new(),
        }
    }

    /// All files.
    pub fn files(&self) -> impl Iterator<Item = &File> {
        self.files.iter()
    }

    /// The files whose name ends in `.extension`.
    pub fn with_extension<'a>(&'a self, extension: &'a str) -> impl Iterator<Item = &'a File> {
        let ends = move |file: &&File| {
            file.name()
                .rsplit_once('.')
                .is_some_and(|(_, it)| it == extension)
        };
        self.files.iter().filter(ends)
    }

    /// The file at `path`.
    pub fn file(&self, path: &str) -> Option<&File> {
        self.files.iter().find(|file| file.path == path)
    }

    /// Whether `path` is a file, or a folder that holds one.
    pub fn contains(&self, path: &str) -> bool {
        let folder = format!("{}/", path.trim_end_matches('/'));
        self.files
            .iter()
            .map(|file| &file.path)
            .chain(&self.others)
            .any(|it| it == path || it.starts_with(&folder))
    }
}

fn read_folder(folder: &Path, prefix: &str, tree: &mut Tree) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let Ok(name) = entry.file_name().into_string() else {
            continue;
        };
        let path = format!("{prefix}{name}");
        let kind = entry.file_type()?;
        if FOREIGN_NAMES.contains(&name.as_str()) {
            continue;
        }
        if kind.is_dir() {
            read_folder(&entry.path(), &format!("{path}/"), tree)?;
        } else if kind.is_file() {
            let is_binary = BINARY_ENDINGS.iter().any(|ending| name.ends_with(ending));
            let text = (!is_binary).then(|| fs::read(entry.path())).transpose()?;
            match text.and_then(|bytes| String::from_utf8(bytes).ok()) {
                Some(text) => tree.files.push(File::new(path, text)),
                None => tree.others.push(path),
            }
        }
    }
    Ok(())
}

const TEST_FOLDERS: [&str; 3] = ["benches", "examples", "tests"];
/// Build output and foreign code; `.git` is a file in a second work tree.
const FOREIGN_NAMES: [&str; 6] = [
    ".git",
    "target",
    "node_modules",
    "dist",
    "corpus",
    "artifacts",
];
const BINARY_ENDINGS: [&str; 4] = [".png", ".ico", ".woff2", ".bin"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tree_holds_this_file_and_no_build_output() {
        let tree = Tree::load(Path::new(env!("CARGO_MANIFEST_DIR"))).unwrap();
        assert!(tree.file("src/tree.rs").is_some());
        assert!(tree.contains("src") && tree.contains("src/"));
        assert!(!tree.contains("target"));
    }

    #[test]
    fn a_picture_is_there_though_nobody_reads_it() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs");
        let tree = Tree::load(&root).unwrap();
        assert!(tree.contains("images/people-light.png"));
        assert!(tree.file("images/people-light.png").is_none());
    }

    #[test]
    fn test_code_is_told_by_its_place() {
        let is_test = |path: &str| Tree::of(&[(path, "")]).files().all(File::is_test);
        assert!(is_test("tests/e2e/src/lib.rs"));
        assert!(is_test("crates/vfs/src/sink/tests.rs"));
        assert!(is_test("crates/vfs/tests/crash.rs"));
        assert!(!is_test("crates/vfs/src/sink.rs"));
    }
}
