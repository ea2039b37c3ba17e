use std::fs::{self, File, FileTimes, Permissions};
use std::io::{self, Seek as _, SeekFrom, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// Makes a file of `size_mib` without any pattern that could be compressed.
pub(crate) fn make_file(path: &Path, size_mib: u64) -> io::Result<()> {
    let mut file = File::create(path)?;
    let mut noise = Noise(0x9E37_79B9_7F4A_7C15);
    let mut piece = Vec::with_capacity(MIB);
    for _ in 0..size_mib {
        noise.fill(&mut piece, MIB);
        file.write_all(&piece)?;
    }
    file.set_times(times(1))
}

/// Makes a file of [`SPARSE_MIB`] with a few islands of data.
pub(crate) fn make_sparse(path: &Path) -> io::Result<()> {
    let mut file = File::create(path)?;
    let size_bytes = SPARSE_MIB * MIB as u64;
    file.set_len(size_bytes)?;
    let mut noise = Noise(7);
    let mut island = Vec::new();
    for start in [0, size_bytes / 3 + 5, size_bytes - MIB as u64] {
        noise.fill(&mut island, MIB);
        file.seek(SeekFrom::Start(start))?;
        file.write_all(&island)?;
    }
    file.set_times(times(2))
}

/// Makes a tree of [`TREE_FILES`] files of 4 KiB on average: nested and empty folders, empty files, many
/// scripts, names of 255 bytes, executables, and a time of its own for every entry.
pub(crate) fn make_tree(root: &Path) -> io::Result<()> {
    let folders = folders(root);
    for folder in &folders {
        fs::create_dir_all(folder)?;
    }
    let mut noise = Noise(11);
    let mut bytes = Vec::new();
    for (number, folder) in (0..TREE_FILES).zip(folders.iter().cycle()) {
        let path = folder.join(file_name(number));
        noise.fill(&mut bytes, SIZES[number / folders.len() % SIZES.len()]);
        fs::write(&path, &bytes)?;
        let mode = if number % 50 == 3 { 0o755 } else { 0o644 };
        fs::set_permissions(&path, Permissions::from_mode(mode))?;
        File::options()
            .append(true)
            .open(&path)?
            .set_times(times(number))?;
    }
    for number in 0..EMPTY_FOLDERS {
        fs::create_dir(folders[number * 5].join(format!("nothing in here {number}")))?;
    }
    set_folder_times(root, &mut 0)
}

/// Makes [`TREE_FILES`] files of 4 KiB in a hundred folders, all different.
pub(crate) fn make_small_files(root: &Path) -> io::Result<()> {
    let mut noise = Noise(13);
    let mut bytes = Vec::new();
    for number in 0..TREE_FILES {
        let folder = root.join(format!("folder {}", number / 100));
        if number % 100 == 0 {
            fs::create_dir_all(&folder)?;
        }
        noise.fill(&mut bytes, 4_096);
        fs::write(folder.join(format!("file {number}.dat")), &bytes)?;
    }
    Ok(())
}

/// So many bytes that nothing compresses, others for every `number`.
pub(crate) fn noise(number: u64, size_bytes: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    let size_bytes = usize::try_from(size_bytes).unwrap_or_default();
    Noise(number).fill(&mut bytes, size_bytes);
    bytes
}

/// Folders nested up to six deep and a chain of twenty.
fn folders(root: &Path) -> Vec<PathBuf> {
    let mut folders = vec![root.to_owned()];
    for number in 1..FOLDERS {
        let parent = if number <= CHAIN {
            number - 1
        } else {
            number / 3
        };
        let word = WORDS[number % WORDS.len()];
        folders.push(folders[parent].join(format!("{word} {number}")));
    }
    folders
}

fn file_name(number: usize) -> String {
    if number % 100 == 50 {
        let long = format!("{number:05}{}", "長".repeat(83));
        return format!("{long}{}", "x".repeat(LONGEST_NAME_BYTES - long.len()));
    }
    let word = WORDS[number % WORDS.len()];
    format!("{word}-{number}.dat")
}

fn set_folder_times(folder: &Path, number: &mut usize) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            set_folder_times(&entry.path(), number)?;
        }
    }
    *number += 1;
    File::open(folder)?.set_times(times(*number))
}

/// A time between 2000 and 2003 that is a whole second for almost no number.
fn times(number: usize) -> FileTimes {
    let number = number as u64;
    let seconds = 946_684_800 + number * 7_919;
    let nanoseconds = u32::try_from(number * 123_457_789 % 1_000_000_000).unwrap_or_default();
    FileTimes::new().set_modified(SystemTime::UNIX_EPOCH + Duration::new(seconds, nanoseconds))
}

/// Marsaglia's xorshift64: fast, and nothing compresses it.
struct Noise(u64);

impl Noise {
    fn fill(&mut self, bytes: &mut Vec<u8>, size_bytes: usize) {
        bytes.clear();
        while bytes.len() < size_bytes {
            self.0 ^= self.0 << 13;
            self.0 ^= self.0 >> 7;
            self.0 ^= self.0 << 17;
            bytes.extend_from_slice(&self.0.to_le_bytes());
        }
        bytes.truncate(size_bytes);
    }
}

/// Files in the tree.
pub(crate) const TREE_FILES: usize = 10_000;
/// Size of the sparse file.
pub(crate) const SPARSE_MIB: u64 = 8 * 1024;
const MIB: usize = 1024 * 1024;
const FOLDERS: usize = 400;
const CHAIN: usize = 20;
const EMPTY_FOLDERS: usize = 50;
const LONGEST_NAME_BYTES: usize = 255;
/// 4,096 on average.
const SIZES: [usize; 10] = [
    0, 100, 500, 1_024, 2_048, 3_072, 4_096, 6_144, 8_192, 15_784,
];
const WORDS: [&str; 8] = [
    "photo",
    "عکس‌ها",
    "日本語",
    "Ключ",
    "🚣 boat",
    "שלום",
    "naïve",
    "한국어",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_four_kibibytes_on_average() {
        assert_eq!(SIZES.iter().sum::<usize>(), 4_096 * SIZES.len());
    }

    #[test]
    fn the_longest_names_fill_a_name() {
        assert_eq!(file_name(50).len(), LONGEST_NAME_BYTES);
        assert_eq!(file_name(9_950).len(), LONGEST_NAME_BYTES);
    }
}
