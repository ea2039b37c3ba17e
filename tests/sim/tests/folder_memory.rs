//! How much memory the index of a large folder takes. Alone in its file, so that nothing else is counted.

use model::{Digest, Timestamp};
use sync_proto::{FileState, FolderPath, Index, Record, Seat, State, VersionVector};

/// Names of usual length, and two members who changed each file.
#[test]
fn two_hundred_thousand_files_are_indexed_in_128_mib() {
    let seats = [0, 1].map(|number| Seat::parse(number).expect("there are two seats"));
    let before = resident_kib();
    let mut index = Index::default();
    index.fold_names();
    for number in 0..200_000u64 {
        let text = format!(
            "project/module {}/source/file number {number}.txt",
            number / 100
        );
        let path = FolderPath::parse(&text).expect("a plain path");
        let version = VersionVector::default().bumped(seats[0], 1_790_000_000_000);
        let record = Record {
            version: version.bumped(seats[1], 1_790_000_000_500),
            state: State::File(FileState {
                size_bytes: number,
                modified: Timestamp {
                    seconds: 1_790_000_000,
                    nanoseconds: 0,
                },
                executable: false,
                digest: Digest::of(text.as_bytes()),
            }),
            rival: None,
        };
        index.set_local(&path, record);
    }
    let used_mib = (resident_kib() - before) / 1_024;
    assert_eq!(index.files(), 200_000);
    assert!((10..=128).contains(&used_mib), "{used_mib} MiB");
}

/// What this process holds in memory, as Linux says.
fn resident_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("Linux tells");
    let line = status.lines().find(|line| line.starts_with("VmRSS:"));
    let number = line.and_then(|line| line.split_whitespace().nth(1));
    number
        .and_then(|it| it.parse().ok())
        .expect("a number of KiB")
}
