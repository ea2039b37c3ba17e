use std::fs::{self, File};
use std::io::{Read as _, Seek as _, SeekFrom, Write as _};
use std::path::PathBuf;
use std::time::Duration;

use model::limits::CHUNK_BYTES;
use model::{Digest, Entry, chunk_count, chunk_span};
use proptest::prelude::*;
use vfs::sink::{Outcome, PageError, PageHave, SinkError, Staging, Standing};
use vfs::source::Source;

use crate::kit::{Pair, TRANSFER, commit, fill, final_state, pages, send_chunk, set_age};

/// Two files of several chunks, some small ones and folders.
fn sample(pair: &Pair) -> (Source, Vec<Vec<Entry>>) {
    let content = |size: u64, seed: u8| {
        let period: Vec<u8> = (0..251).map(|byte: u8| byte.wrapping_mul(seed)).collect();
        let mut content = period.repeat(usize::try_from(size / 251 + 1).unwrap());
        content.truncate(usize::try_from(size).unwrap());
        content
    };
    pair.put("large", &content(3 * CHUNK_BYTES + 77, 31));
    pair.put("tree/medium", &content(2 * CHUNK_BYTES, 17));
    pair.put("tree/small", b"small").put("tree/deep/tiny", b"t");
    pair.put("tree/empty", b"");
    let source = pair.source();
    let pages = pages(&source, 3);
    (source, pages)
}

/// Sends the chunks that `wanted` picks and finishes the files that are whole then.
fn send_some(
    source: &mut Source,
    pages: &[Vec<Entry>],
    staging: &mut Staging,
    wanted: &mut dyn FnMut() -> bool,
) {
    for (number, page) in (0u32..).zip(pages) {
        let have = staging.add_page(number, page).unwrap();
        for (index, entry) in (have.first_entry..).zip(page) {
            if have.finished.contains_key(&index) {
                continue;
            }
            let mut whole = true;
            for chunk in 0..chunk_count(entry.size_bytes()) {
                if wanted() {
                    send_chunk(source, staging, (index, entry), chunk);
                } else {
                    whole = false;
                }
            }
            if whole && wanted() {
                staging.finish_entry(index, &final_state(entry)).unwrap();
            }
        }
    }
}

/// Asserts that what counts as stored is on the disk as the sender has it.
fn assert_true(pair: &Pair, pages: &[Vec<Entry>], haves: &[PageHave]) {
    for (page, have) in pages.iter().zip(haves) {
        for (index, entry) in (have.first_entry..).zip(page) {
            let place: PathBuf = entry
                .path
                .names()
                .iter()
                .map(|name| name.as_str())
                .collect();
            let staged = pair.home().join("tree").join(&place);
            if let Some(Outcome::File { size_bytes, .. }) = have.finished.get(&index) {
                assert_eq!(*size_bytes, entry.size_bytes());
                let original = fs::read(pair.from.join(&place)).unwrap();
                assert_eq!(fs::read(&staged).unwrap(), original);
            }
            for chunk in have.chunks.get(&index).iter().flat_map(|set| set.iter()) {
                let (offset, length) = chunk_span(entry.size_bytes(), chunk).unwrap();
                let read = |path: PathBuf| {
                    let mut bytes = vec![0; usize::try_from(length).unwrap()];
                    let mut file = File::open(path).unwrap();
                    file.seek(SeekFrom::Start(offset)).unwrap();
                    file.read_exact(&mut bytes).unwrap();
                    bytes
                };
                assert_eq!(read(staged.clone()), read(pair.from.join(&place)));
            }
        }
    }
}

#[derive(Debug, Clone)]
enum Damage {
    Truncate {
        file: prop::sample::Index,
        at: prop::sample::Index,
    },
    Flip {
        file: prop::sample::Index,
        at: prop::sample::Index,
        bit: u8,
    },
    Remove {
        file: prop::sample::Index,
    },
}

fn any_damage() -> impl Strategy<Value = Damage> {
    use prop::sample::Index;
    prop_oneof![
        (any::<Index>(), any::<Index>()).prop_map(|(file, at)| Damage::Truncate { file, at }),
        (any::<Index>(), any::<Index>(), 0u8..8).prop_map(|(file, at, bit)| Damage::Flip {
            file,
            at,
            bit
        }),
        any::<Index>().prop_map(|file| Damage::Remove { file }),
    ]
}

fn files_below(folder: PathBuf) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut folders = vec![folder];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let list = if path.is_dir() {
                &mut folders
            } else {
                &mut files
            };
            list.push(path);
        }
    }
    files.sort();
    files
}

fn damage(pair: &Pair, damage: &Damage) {
    let files = files_below(pair.home());
    let path = match damage {
        Damage::Truncate { file, .. } | Damage::Flip { file, .. } | Damage::Remove { file } => {
            file.get(&files)
        }
    };
    let mut file = File::options().read(true).write(true).open(path).unwrap();
    let length = usize::try_from(file.metadata().unwrap().len()).unwrap();
    match damage {
        Damage::Truncate { at, .. } => {
            file.set_len(at.index(length + 1) as u64).unwrap();
        }
        Damage::Flip { at, bit, .. } if length > 0 => {
            let at = at.index(length) as u64;
            let mut byte = [0];
            file.seek(SeekFrom::Start(at)).unwrap();
            file.read_exact(&mut byte).unwrap();
            file.seek(SeekFrom::Start(at)).unwrap();
            file.write_all(&[byte[0] ^ (1 << bit)]).unwrap();
        }
        Damage::Flip { .. } => {}
        Damage::Remove { .. } => fs::remove_file(path).unwrap(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, ..ProptestConfig::default() })]
    #[test]
    fn whatever_breaks_in_the_private_folder_nothing_false_counts_and_the_rest_arrives(
        choices in prop::collection::vec(prop::bool::weighted(0.7), 24),
        damages in prop::collection::vec(any_damage(), 0..4),
    ) {
        let pair = Pair::new();
        let (mut source, pages) = sample(&pair);
        let mut choices = choices.into_iter().cycle();
        send_some(&mut source, &pages, &mut pair.stage(), &mut || choices.next().unwrap());
        for one in &damages {
            damage(&pair, one);
        }
        let mut staging = pair.stage();
        let known = staging.pages();
        let haves: Vec<PageHave> = (0..known).map(|page| staging.open_page(page).unwrap().1).collect();
        assert_true(&pair, &pages, &haves);
        fill(&mut source, &pages, &mut staging);
        commit(staging);
        pair.assert_same();
    }
}

#[test]
fn nothing_is_sent_twice_after_a_kill() {
    let pair = Pair::new();
    let (mut source, pages) = sample(&pair);
    let mut left = 4;
    send_some(&mut source, &pages, &mut pair.stage(), &mut || {
        left -= 1;
        left >= 0
    });
    let mut staging = pair.stage();
    let sent = fill(&mut source, &pages, &mut staging);
    let all: u64 = pages
        .iter()
        .flatten()
        .map(|entry| chunk_count(entry.size_bytes()))
        .sum();
    assert_eq!(sent, all - 4);
    let again = staging.add_page(0, &pages[0]).unwrap();
    assert_eq!(again.finished.len(), pages[0].len());
    drop(staging);
    let mut staging = pair.stage();
    assert_eq!(fill(&mut source, &pages, &mut staging), 0);
    commit(staging);
    pair.assert_same();
}

#[test]
fn a_file_finished_before_a_crash_gets_its_time_and_right_again() {
    let pair = Pair::new();
    let (mut source, pages) = sample(&pair);
    fill(&mut source, &pages, &mut pair.stage());
    let staged = pair.home().join("tree/tree/small");
    set_age(&staged, Duration::ZERO);
    commit(pair.stage());
    pair.assert_same();
}

#[test]
fn pages_come_in_order_and_unchanged() {
    let pair = Pair::new();
    let (_, pages) = sample(&pair);
    let mut staging = pair.stage();
    let early = staging.add_page(1, &pages[1]);
    assert!(matches!(early, Err(PageError::OutOfOrder)));
    staging.add_page(0, &pages[0]).unwrap();
    staging.add_page(0, &pages[0]).unwrap();
    let changed = staging.add_page(0, &pages[1]);
    assert!(matches!(changed, Err(PageError::Changed)));
    assert_eq!(staging.pages(), 1);
}

#[test]
fn transfers_whose_ids_begin_alike_do_not_meet() {
    let pair = Pair::new();
    let (mut source, pages) = sample(&pair);
    fill(&mut source, &pages, &mut pair.stage());
    let mut other_id = TRANSFER;
    other_id.0[15] = 0;
    let mut staging = pair.stage();
    let other = pair.sink().stage(other_id).unwrap();
    assert_eq!(other.pages(), 0);
    other.discard().unwrap();
    assert_eq!(fill(&mut source, &pages, &mut staging), 0);
}

#[test]
fn one_transfer_is_staged_by_one_process_at_a_time() {
    let pair = Pair::new();
    let first = pair.stage();
    let second = pair.sink().stage(TRANSFER);
    assert!(matches!(second, Err(SinkError::Busy)));
    drop(first);
    pair.stage().discard().unwrap();
}

#[test]
fn a_chunk_for_no_unfinished_file_is_refused() {
    let pair = Pair::new();
    let (mut source, pages) = sample(&pair);
    let mut staging = pair.stage();
    fill(&mut source, &pages, &mut staging);
    let digest = Digest::of(b"x");
    for entry in [0, 1, 2, 100, u32::MAX] {
        let late = staging.write_chunk(entry, 0, 0, b"x", &digest);
        assert!(matches!(late, Err(vfs::sink::WriteError::UnknownEntry)));
    }
    let mut staging = Pair::new().stage();
    staging.add_page(0, &[crate::kit::file("f", 1)]).unwrap();
    let large = vec![1; usize::try_from(CHUNK_BYTES).unwrap() + 1];
    for (offset, data) in [
        (0, &[][..]),
        (0, &large),
        (u64::MAX, b"x"),
        (i64::MAX as u64, b"x"),
    ] {
        let misplaced = staging.write_chunk(0, 0, offset, data, &digest);
        assert!(matches!(misplaced, Err(vfs::sink::WriteError::Misplaced)));
    }
}

#[test]
fn whoever_looks_sees_how_far_each_entry_is_also_after_a_restart() {
    let pair = Pair::new();
    pair.put("a", b"whole")
        .put("b", &[3; 5])
        .put("c", b"later")
        .put("d", b"gone");
    let mut source = pair.source();
    let mut pages = pages(&source, 9);
    pages[0].sort_by(|one, other| one.path.cmp(&other.path));
    let mut staging = pair.stage();
    assert_eq!(
        staging.standings(&(0..9)).unwrap(),
        [],
        "nothing is told yet"
    );
    staging.add_page(0, &pages[0]).unwrap();
    for index in 0..2 {
        let entry = &pages[0][usize::try_from(index).unwrap()];
        send_chunk(&mut source, &mut staging, (index, entry), 0);
    }
    let state = final_state(&pages[0][0]);
    staging.finish_entry(0, &state).unwrap();
    staging.drop_entry(3).unwrap();
    let states = [
        Standing::Whole,
        Standing::Begun,
        Standing::Waiting,
        Standing::Dropped,
    ];
    let expected: Vec<_> = pages[0].iter().cloned().zip(states).collect();
    assert_eq!(staging.standings(&(0..9)).unwrap(), expected);
    drop(staging);
    let mut staging = pair.stage();
    staging.add_page(0, &pages[0]).unwrap();
    assert_eq!(staging.standings(&(1..3)).unwrap(), expected[1..3]);
    assert_eq!(staging.standings(&(4..9)).unwrap(), []);
}
