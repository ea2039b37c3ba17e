use std::fs;
use std::io;

use vfs::sink::{CommitError, PageError, Placement, Staging};

use crate::kit::{Pair, TRANSFER, commit, fill, final_state, name, names_in, pages, set_mode};

fn staged(pair: &Pair) -> Staging {
    for top in ["a.txt", "b/1", "b/2/3", "c.txt"] {
        pair.put(top, top.as_bytes());
    }
    let mut source = pair.source();
    let pages = pages(&source, 2);
    let mut staging = pair.stage();
    fill(&mut source, &pages, &mut staging);
    staging
}

/// The intents as a store keeps them, and a commit that crashes at the `crash`th recording.
fn commit_until(staging: &mut Staging, kept: &mut Vec<Placement>, crash: usize) -> bool {
    let mut calls = 0;
    let committed = staging.commit(&mut |batch| {
        if calls == crash {
            return Err(io::ErrorKind::Other.into());
        }
        calls += 1;
        kept.extend_from_slice(batch);
        Ok(())
    });
    match committed {
        Ok(_) => true,
        Err(CommitError::Record(_)) => false,
        Err(error) => panic!("{error}"),
    }
}

#[test]
fn a_commit_that_could_not_record_its_intent_is_ended_by_recovery() {
    let pair = Pair::new();
    let mut staging = staged(&pair);
    let mut kept = Vec::new();
    assert!(!commit_until(&mut staging, &mut kept, 0));
    assert!(staging.is_committing());
    let refused = staging.add_page(0, &[]);
    assert!(refused.is_err());
    assert!(matches!(staging.open_page(0), Err(PageError::Committing)));
    drop(staging);
    assert!(pair.stage().is_committing());
    let committed = pair
        .sink()
        .recover(TRANSFER, &kept, &mut |_| Ok(()))
        .unwrap();
    assert_eq!(committed.entries, 3);
    pair.assert_same();
}

/// Every state between the first rename and the end of the clean-up, made by hand.
#[test]
fn recovery_ends_a_commit_that_was_killed_after_any_number_of_renames() {
    for renamed in 0..=3 {
        let pair = Pair::new();
        let mut staging = staged(&pair);
        assert!(!commit_until(&mut staging, &mut Vec::new(), 0));
        drop(staging);
        let tops = ["a.txt", "b", "c.txt"];
        let intents: Vec<Placement> = tops
            .iter()
            .map(|top| Placement {
                staged: name(top),
                placed: name(&format!("{top} as intended")),
            })
            .collect();
        for top in &tops[..renamed] {
            let from = pair.home().join("tree").join(top);
            fs::rename(from, pair.to.join(format!("{top} as intended"))).unwrap();
        }
        let mut recorded = intents.clone();
        let mut record = |batch: &[Placement]| {
            recorded.extend_from_slice(batch);
            Ok(())
        };
        let committed = pair
            .sink()
            .recover(TRANSFER, &intents, &mut record)
            .unwrap();
        assert_eq!(committed.entries, 3);
        let mut expected: Vec<String> = tops[..renamed]
            .iter()
            .map(|top| format!("{top} as intended"))
            .chain(tops[renamed..].iter().map(|&top| top.to_owned()))
            .collect();
        expected.sort();
        assert_eq!(names_in(&pair.to), expected);
        let again = pair.sink().recover(TRANSFER, &recorded, &mut |_| {
            panic!("nothing is left to do")
        });
        let mut told = again.unwrap().names;
        told.sort_by(|a, b| a.staged.cmp(&b.staged));
        let mut first = committed.names;
        first.sort_by(|a, b| a.staged.cmp(&b.staged));
        assert_eq!(told, first);
        assert_eq!(names_in(&pair.to), expected);
    }
}

#[test]
fn recovery_ends_a_clean_up_that_was_killed_at_any_step() {
    for left in [&["journal", "manifest"][..], &["journal"], &[]] {
        let pair = Pair::new();
        let mut staging = staged(&pair);
        let mut kept = Vec::new();
        assert!(!commit_until(&mut staging, &mut Vec::new(), 0));
        drop(staging);
        let parts: Vec<Vec<u8>> = left
            .iter()
            .map(|part| fs::read(pair.home().join(part)).unwrap())
            .collect();
        let sink = pair.sink();
        sink.recover(TRANSFER, &[], &mut |batch| {
            kept.extend_from_slice(batch);
            Ok(())
        })
        .unwrap();
        fs::create_dir(pair.home()).unwrap();
        set_mode(&pair.home(), 0o700);
        for (part, bytes) in left.iter().zip(&parts) {
            fs::write(pair.home().join(part), bytes).unwrap();
        }
        let committed = sink.recover(TRANSFER, &kept, &mut |_| panic!("all is in place"));
        assert_eq!(committed.unwrap().entries, 3, "{left:?}");
        pair.assert_same();
    }
}

#[test]
fn a_staged_entry_that_vanished_without_an_intent_is_noticed() {
    let pair = Pair::new();
    let mut staging = staged(&pair);
    assert!(!commit_until(&mut staging, &mut Vec::new(), 0));
    fs::remove_file(pair.home().join("tree/c.txt")).unwrap();
    let missing = staging.commit(&mut |_| Ok(()));
    assert!(matches!(missing, Err(CommitError::Missing { .. })));
}

#[test]
fn nothing_is_put_in_place_before_every_entry_is_done() {
    let pair = Pair::new();
    pair.put("a", b"1").put("b", b"2");
    let mut source = pair.source();
    let pages = pages(&source, 9);
    let mut staging = pair.stage();
    let have = staging.add_page(0, &pages[0]).unwrap();
    crate::kit::send_missing(&mut source, &mut staging, (0, &pages[0][0]), &have);
    staging.finish_entry(0, &final_state(&pages[0][0])).unwrap();
    let early = staging.commit(&mut |_| panic!("nothing may be recorded"));
    assert!(matches!(early, Err(CommitError::Unfinished { entry: 1 })));
    assert!(staging.outcomes(&mut |_, _, _| {}).is_err());
    staging.drop_entry(1).unwrap();
    commit(staging);
    assert_eq!(names_in(&pair.to), ["a"]);
}

#[test]
fn damage_found_before_the_commit_stops_it() {
    let pair = Pair::new();
    drop(staged(&pair));
    fs::write(pair.home().join("tree/b/1"), "no").unwrap();
    let damaged = pair.stage().commit(&mut |_| Ok(()));
    assert!(matches!(damaged, Err(CommitError::Unfinished { .. })));
    assert_eq!(names_in(&pair.to), [crate::kit::HOME]);
}

#[test]
fn many_entries_are_recorded_in_batches_and_all_placed() {
    let pair = Pair::new();
    for number in 0..600 {
        pair.put(&format!("{number:03}"), b"x");
    }
    let mut source = pair.source();
    let pages = pages(&source, 250);
    let mut staging = pair.stage();
    fill(&mut source, &pages, &mut staging);
    let mut calls = 0;
    let mut recorded = 0;
    let committed = staging
        .commit(&mut |batch| {
            calls += 1;
            recorded += batch.len();
            Ok(())
        })
        .unwrap();
    assert_eq!((committed.entries, recorded), (600, 600));
    assert!(calls <= 3, "{calls} recordings");
    drop(staging);
    pair.assert_same();
}
