//! Somebody who works in a shared folder and knows what they saw.

use std::fs::{self, File, OpenOptions, Permissions};
use std::io::{Read as _, Seek as _, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use model::Name;
use testkit::Seed;

/// What one person does, and what became of it by their own will.
pub(crate) struct Person {
    number: usize,
    folder: PathBuf,
    /// Where it goes what this person replaces or deletes.
    aside: PathBuf,
    seed: Seed,
    pub(crate) edits: usize,
    /// The names of everything they wrote.
    pub(crate) written: Vec<String>,
    /// The names of everything they had before them and replaced or deleted.
    pub(crate) given_up: Vec<String>,
}

impl Person {
    pub(crate) fn new(number: usize, folder: PathBuf, aside: PathBuf, seed: Seed) -> Self {
        fs::create_dir_all(&aside).expect("a folder");
        Self {
            number,
            folder,
            aside,
            seed,
            edits: 0,
            written: Vec::new(),
            given_up: Vec::new(),
        }
    }

    /// One thing that programs do to files. What fails because somebody else was faster did not happen.
    pub(crate) fn do_something(&mut self) {
        self.edits += 1;
        let path = self.draw_path();
        match self.seed.within(0..100) {
            0..35 => self.save(&path),
            35..55 => self.write_in_place(&path),
            55..67 => self.remove(&path),
            67..82 => self.rename(&path),
            82..88 => self.flip_mode(&path),
            88..92 => self.swap_kind(&path),
            92..96 => self.change_case(&path),
            _ => drop(fs::create_dir_all(&path)),
        }
    }

    fn draw_path(&mut self) -> PathBuf {
        let mut path = self.folder.clone();
        for _ in 0..self.seed.below(4) {
            path.push(self.seed.pick(&["docs", "src", "a b"]));
        }
        let index = self.seed.below(200);
        path.join(odd_name(index))
    }

    /// As editors do: a new file takes the place of the old one.
    fn save(&mut self, path: &Path) {
        let fresh = self.aside.join(format!("fresh {}", self.edits));
        let Some(parent) = path.parent() else {
            return;
        };
        if path.is_dir() || fs::create_dir_all(parent).is_err() {
            return;
        }
        let content = self.content();
        fs::write(&fresh, &content).expect("a file");
        self.set_aside(path);
        // Fails if somebody's file came there meanwhile, which nobody here saw.
        if fs::hard_link(&fresh, path).is_ok() {
            self.written.push(name_of(&content));
        }
        fs::remove_file(&fresh).ok();
    }

    /// As a shell does: the same file with other bytes.
    fn write_in_place(&mut self, path: &Path) {
        let Ok(mut file) = OpenOptions::new().read(true).write(true).open(path) else {
            return;
        };
        let mut old = Vec::new();
        if file.read_to_end(&mut old).is_err() {
            return;
        }
        let content = self.content();
        let written = file
            .rewind()
            .and_then(|()| file.set_len(0))
            .and_then(|()| file.write_all(&content));
        written.expect("it is open");
        self.given_up.push(name_of(&old));
        self.written.push(name_of(&content));
    }

    fn remove(&mut self, path: &Path) {
        self.set_aside(path);
    }

    fn rename(&mut self, from: &Path) {
        let to = self.draw_path();
        if from.is_dir() || to.is_dir() || !from.exists() {
            return;
        }
        if let Some(parent) = to.parent()
            && fs::create_dir_all(parent).is_err()
        {
            return;
        }
        self.set_aside(&to);
        if fs::hard_link(from, &to).is_ok() {
            fs::remove_file(from).ok();
        }
    }

    fn flip_mode(&mut self, path: &Path) {
        if let Ok(metadata) = fs::metadata(path)
            && metadata.is_file()
        {
            let mode = metadata.permissions().mode() ^ 0o100;
            fs::set_permissions(path, Permissions::from_mode(mode)).ok();
        }
    }

    /// A folder becomes a file, or a file a folder.
    fn swap_kind(&mut self, path: &Path) {
        let folder = path.parent().unwrap_or(path).to_owned();
        if folder == self.folder {
            return;
        }
        let was_folder = folder.is_dir();
        self.set_aside(&folder);
        if was_folder {
            self.save(&folder);
        } else {
            fs::create_dir(&folder).ok();
        }
    }

    fn change_case(&mut self, path: &Path) {
        let Some(name) = path.file_name().and_then(|name| name.to_str()) else {
            return;
        };
        let to = path.with_file_name(name.to_uppercase());
        if to != path && path.is_file() && fs::hard_link(path, &to).is_ok() {
            fs::remove_file(path).ok();
        }
    }

    /// Takes away what lies at `path`, exactly, and notes all that was in it.
    fn set_aside(&mut self, path: &Path) {
        let place = self
            .aside
            .join(format!("old {}", self.given_up.len() + self.edits * 1_000));
        if fs::rename(path, &place).is_err() {
            return;
        }
        let mut left = vec![place];
        while let Some(path) = left.pop() {
            if path.is_dir() {
                let entries = fs::read_dir(&path).expect("it is ours now");
                left.extend(entries.flatten().map(|entry| entry.path()));
            } else {
                let mut old = Vec::new();
                let mut file = File::open(&path).expect("it is ours now");
                file.read_to_end(&mut old).expect("it is ours now");
                self.given_up.push(name_of(&old));
            }
        }
    }

    /// Something nobody ever wrote: its name, then bytes, sometimes many.
    fn content(&mut self) -> Vec<u8> {
        let name = format!(
            "{} of {}",
            self.written.len() + self.edits * 1_000,
            self.number
        );
        let length = match self.seed.below(12) {
            0 => 0,
            1 => 300_000,
            _ => self.seed.below(4_000),
        };
        let mut content = format!("{name}\n").into_bytes();
        content.extend(testkit::content(self.seed.number(), length));
        content
    }
}

/// What somebody wrote begins with its name.
pub(crate) fn name_of(content: &[u8]) -> String {
    let line = content.split(|byte| *byte == b'\n').next();
    String::from_utf8_lossy(line.unwrap_or_default()).into_owned()
}

/// One of 200 names that file systems hold and programs stumble over.
fn odd_name(index: usize) -> String {
    let odd = [
        "plain.txt",
        "with space",
        " lead",
        "trail.",
        "é",
        "e\u{301}",
        "日本語",
        "😀.png",
        "-rf",
        "--help",
        "a'b",
        "a\"b",
        "$HOME",
        "`ls`",
        "a;b",
        "a&b",
        "#hash",
        "%41",
        ".hidden",
        "..dots",
        "tab\tname",
        "UPPER",
        "upper",
        "con.txt",
        "nul",
        "a,b",
        "a=b",
        "[x]",
        "{y}",
        "~tilde",
        "x.tar.gz",
        "Thumbs.db",
        "desktop.ini",
        "~$doc.docx",
        "file.swp",
        "a+b",
        "a@b",
        "!bang",
        "(1)",
        "ß",
    ];
    let name = odd[index % odd.len()];
    // What other systems cannot hold is not shared, and people are told.
    let name = if Name::parse(name).is_ok() {
        name
    } else {
        "held"
    };
    match index / odd.len() {
        0 => name.to_owned(),
        number => format!("{name}{number}"),
    }
}
