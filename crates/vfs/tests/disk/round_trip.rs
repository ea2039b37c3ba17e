use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{Seek as _, SeekFrom, Write as _};
use std::path::Path;
use std::time::Duration;

use model::limits::CHUNK_BYTES;
use model::{Digest, FileDigest, Name, NameRules};
use proptest::prelude::*;
use vfs::sink::Outcome;

use crate::kit::{Pair, commit, fill, mode_of, names_in, pages, set_age, set_mode};

#[derive(Debug, Clone)]
enum Tree {
    File {
        content: Vec<u8>,
        executable: bool,
        age: Duration,
    },
    Folder {
        children: Vec<(String, Tree)>,
        age: Duration,
    },
}

/// Names that are long, from every script, or that a careless program would stumble over.
const NAMES: [&str; 22] = [
    "a",
    "B.txt",
    "Ünïcode",
    "日本語のファイル",
    "файл.bin",
    "😀👩‍👩‍👧",
    "שלום",
    "العربية.pdf",
    "한국어",
    "e\u{301}te",
    "with space",
    " leading",
    "-rf",
    "--help",
    "~",
    "$(id)",
    "`x`",
    "a'b\"c",
    "*?<>|:",
    "...",
    ".hidden",
    "trailing.",
];

fn any_name() -> impl Strategy<Value = String> {
    let holdable = NAMES.iter().copied().filter(|name| can_be_held(name));
    let holdable: Vec<&str> = holdable.collect();
    prop_oneof![
        8 => prop::sample::select(holdable).prop_map(str::to_owned),
        2 => "[a-z0-9]{1,12}",
        1 => Just("x".repeat(LONGEST)),
        1 => Just("文".repeat(LONGEST / 3)),
    ]
}

/// Wine cannot tell what a file is whose path has more than 260 characters.
const LONGEST: usize = if cfg!(windows) { 24 } else { 255 };

fn any_age() -> impl Strategy<Value = Duration> {
    (0u64..4_000_000_000, 0u32..1_000_000_000).prop_map(|(s, n)| Duration::new(s, n))
}

/// Whether this system has files of this name.
fn can_be_held(name: &str) -> bool {
    let rules = match cfg!(windows) {
        true => NameRules::Windows,
        false => NameRules::Universal,
    };
    Name::parse(name).is_ok_and(|name| name.check(rules).is_ok())
}

fn any_file() -> impl Strategy<Value = Tree> {
    let content = prop_oneof![
        2 => Just(Vec::new()),
        6 => prop::collection::vec(any::<u8>(), 1..300),
        1 => (0usize..3, any::<u8>()).prop_map(|(extra, byte)| vec![byte; 1_048_575 + extra]),
        1 => Just(vec![0; 2_500_000]),
    ];
    (content, any::<bool>(), any_age()).prop_map(|(content, executable, age)| Tree::File {
        content,
        executable,
        age,
    })
}

fn any_children() -> impl Strategy<Value = Vec<(String, Tree)>> {
    let leaf = prop_oneof![
        4 => any_file(),
        1 => any_age().prop_map(|age| Tree::Folder { children: Vec::new(), age }),
    ];
    let tree = leaf.prop_recursive(4, 24, 6, |inner| {
        (prop::collection::vec((any_name(), inner), 0..6), any_age())
            .prop_map(|(children, age)| Tree::Folder { children, age })
    });
    prop::collection::vec((any_name(), tree), 1..5)
}

fn plant(folder: &Path, children: &[(String, Tree)]) {
    let distinct: BTreeMap<String, &(String, Tree)> = children
        .iter()
        .map(|child| (child.0.to_lowercase(), child))
        .collect();
    for (name, tree) in distinct.into_values() {
        let path = folder.join(name);
        let age = match tree {
            Tree::File {
                content,
                executable,
                age,
            } => {
                fs::write(&path, content).unwrap();
                set_mode(&path, if *executable { 0o755 } else { 0o644 });
                age
            }
            Tree::Folder { children, age } => {
                fs::create_dir(&path).unwrap();
                plant(&path, children);
                age
            }
        };
        set_age(&path, *age);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]
    #[test]
    fn any_tree_arrives_with_names_contents_rights_and_times(children in any_children(), page in 1usize..6) {
        let pair = Pair::new();
        plant(&pair.from, &children);
        let mut source = pair.source();
        let pages = pages(&source, page);
        let mut staging = pair.stage();
        fill(&mut source, &pages, &mut staging);
        let (intents, committed) = commit(staging);
        prop_assert_eq!(&intents, &committed.names);
        pair.assert_same();
    }
}

#[test]
fn a_sparse_file_stays_sparse_and_reads_back_the_same() {
    let pair = Pair::new();
    let size = 64 * CHUNK_BYTES + 5;
    let mut sparse = File::create(pair.from.join("sparse")).unwrap();
    sparse.set_len(size).unwrap();
    sparse.seek(SeekFrom::Start(40 * CHUNK_BYTES + 9)).unwrap();
    sparse.write_all(b"island").unwrap();
    drop(sparse);
    let mut source = pair.source();
    let pages = pages(&source, 10);
    let mut staging = pair.stage();
    fill(&mut source, &pages, &mut staging);
    commit(staging);
    pair.assert_same();
    #[cfg(unix)] // Elsewhere zeros are written.
    {
        use std::os::unix::fs::MetadataExt as _;
        let used = fs::metadata(pair.to.join("sparse")).unwrap().blocks() * 512;
        assert!(used <= 2 * CHUNK_BYTES, "{used} bytes are used");
    }
}

#[test]
fn zeros_replace_what_an_earlier_version_left() {
    let pair = Pair::new();
    let entry = crate::kit::file("f", 3);
    let mut staging = pair.stage();
    staging.add_page(0, &[entry]).unwrap();
    for data in [&[9u8; 5_000][..], &[0; 5_000], &[0; 3]] {
        staging
            .write_chunk(0, 0, 0, data, &Digest::of(data))
            .unwrap();
    }
    let state = vfs::sink::FinalState {
        version: 2,
        size_bytes: 3,
        modified: None,
        executable: true,
    };
    let digest = staging.finish_entry(0, &state).unwrap();
    let mut expected = FileDigest::new(3);
    expected.push(3, &Digest::of(&[0; 3]));
    assert_eq!(digest, expected.finish());
    let mut told = Vec::new();
    staging
        .outcomes(&mut |index, _, outcome| told.push((index, *outcome)))
        .unwrap();
    let size_bytes = 3;
    assert_eq!(told, [(0, Outcome::File { size_bytes, digest })]);
    commit(staging);
    assert_eq!(fs::read(pair.to.join("f")).unwrap(), [0; 3]);
    let mode = mode_of(&fs::metadata(pair.to.join("f")).unwrap());
    let executable = if cfg!(unix) { 0o100 } else { 0 };
    assert_eq!(mode & 0o100, executable, "the last version is executable");
}

#[test]
fn a_stream_of_unknown_size_ends_where_it_is_told() {
    let pair = Pair::new();
    let mut entry = crate::kit::file("stdin", 0);
    entry.kind = model::EntryKind::Stream;
    let mut staging = pair.stage();
    staging.add_page(0, &[entry]).unwrap();
    let large = vec![1; usize::try_from(CHUNK_BYTES).unwrap()];
    staging
        .write_chunk(0, 1, CHUNK_BYTES, b"end", &Digest::of(b"end"))
        .unwrap();
    let state = |size_bytes| vfs::sink::FinalState {
        version: 0,
        size_bytes,
        modified: None,
        executable: false,
    };
    let early = staging.finish_entry(0, &state(CHUNK_BYTES + 3));
    assert!(matches!(early, Err(vfs::sink::WriteError::Incomplete)));
    staging
        .write_chunk(0, 0, 0, &large, &hashing::chunk_digest(&large))
        .unwrap();
    for wrong in [1, CHUNK_BYTES + 2, CHUNK_BYTES + 4] {
        let wrong = staging.finish_entry(0, &state(wrong));
        assert!(matches!(wrong, Err(vfs::sink::WriteError::Incomplete)));
    }
    staging.finish_entry(0, &state(CHUNK_BYTES + 3)).unwrap();
    commit(staging);
    assert_eq!(names_in(&pair.to), ["stdin"]);
    let length = fs::metadata(pair.to.join("stdin")).unwrap().len();
    assert_eq!(length, CHUNK_BYTES + 3);
}

#[test]
fn more_files_than_may_be_open_arrive_in_any_order_of_chunks() {
    let pair = Pair::new();
    for number in 0..150 {
        pair.put(
            &format!("many/{number}"),
            format!("file {number}").as_bytes(),
        );
    }
    let mut source = pair.source();
    let pages = pages(&source, 1_000);
    let mut staging = pair.stage();
    let have = staging.add_page(0, &pages[0]).unwrap();
    for (index, entry) in (0u32..151).zip(&pages[0]).skip(1).rev() {
        crate::kit::send_missing(&mut source, &mut staging, (index, entry), &have);
    }
    for (index, entry) in (0u32..).zip(&pages[0]).skip(1) {
        let state = crate::kit::final_state(entry);
        staging.finish_entry(index, &state).unwrap();
    }
    commit(staging);
    pair.assert_same();
}
