use std::collections::BTreeMap;
use std::time::Duration;

use testkit::{Seed, seed_from_environment};

use crate::team::{Mate, Team};

/// Kills the second device at a failpoint while edits come to it and go from it.
fn survives(failpoint: &str) {
    let mut team = Team::of(&["ana", "ben"]);
    team.mates[0].write("a.txt", "old");
    team.converge(|mate| mate.read("a.txt").is_some());
    team.mates[1].stop();
    team.mates[0].write("a.txt", "new by ana");
    team.mates[0].write("deep/b.txt", "b");
    e2e::make_file(&team.mates[0].path("large.bin"), 400_000, 9);
    team.mates[1].write("c.txt", "by ben");
    team.mates[1].start_doomed(failpoint);
    let running = team.mates[1].running.as_mut().expect("it was started");
    let is_killed = running.ends_within(std::time::Duration::from_secs(60));
    assert!(is_killed, "it never came to {failpoint}");
    team.mates[1].kill();
    team.mates[1].start();
    team.converge(|mate| {
        mate.read("a.txt").as_deref() == Some("new by ana")
            && mate.read("deep/b.txt").is_some()
            && mate.read("c.txt").is_some()
            && mate.path("large.bin").exists()
    });
    assert!(team.mates[1].versions().contains(&b"old".to_vec()));
    assert_eq!(team.mates[0].tree().len(), 5);
}

#[test]
fn a_process_killed_before_anything_is_told_loses_nothing() {
    survives("folder-tell:2");
}

#[test]
fn a_process_killed_while_chunks_are_written_loses_nothing() {
    survives("folder-chunk:4");
}

#[test]
fn a_process_killed_before_a_file_takes_its_place_loses_nothing() {
    survives("folder-prepare:2");
}

#[test]
fn a_process_killed_between_the_new_file_and_the_old_one_loses_nothing() {
    survives("folder-exchange");
}

#[test]
fn a_process_killed_before_the_index_knows_of_a_file_loses_nothing() {
    survives("folder-keep:2");
}

/// What Ben's device placed and had no time to note is Ana's version still, though hers is another one by then.
#[test]
fn a_process_killed_before_it_notes_a_version_takes_the_next_one_without_a_conflict() {
    let mut team = Team::of(&["ana", "ben"]);
    for round in 0..4 {
        let write = |mate: &Mate, what: &str| {
            for name in ["a.txt", "deep/b.txt"] {
                mate.write(name, &format!("{what} of round {round}"));
            }
        };
        write(&team.mates[0], "first");
        team.settle();
        team.mates[1].stop();
        write(&team.mates[0], "second");
        team.mates[1].start_doomed("folder-keep");
        let running = team.mates[1].running.as_mut().expect("it was started");
        assert!(running.ends_within(Duration::from_secs(60)));
        team.mates[1].kill();
        write(&team.mates[0], "third");
        team.mates[1].start();
        team.settle();
        let last = format!("third of round {round}");
        assert_eq!(team.mates[1].read("a.txt"), Some(last));
        assert_eq!(team.mates[1].tree().len(), 3, "{:?}", team.mates[1].tree());
    }
}

/// `WHERRY_FOLDER_KILLS` says how often.
#[test]
fn a_process_killed_at_any_moment_loses_nothing() {
    let kills = std::env::var("WHERRY_FOLDER_KILLS").ok();
    let kills = kills.map_or(4, |text| text.parse().expect("a number"));
    let mut seed = Seed::new(seed_from_environment().unwrap_or(3));
    let mut team = Team::of(&["ana", "ben"]);
    let mut expected = BTreeMap::new();
    for round in 0..kills {
        for (place, mate) in team.mates.iter().enumerate() {
            for _ in 0..seed.within(1..6) {
                let name = format!("by {place}/{}.txt", seed.below(8));
                let content = format!("round {round} of {place}");
                mate.write(&name, &content);
                expected.insert(name, content);
            }
            e2e::make_file(&mate.path(&format!("large {place}.bin")), 400_000, round);
        }
        std::thread::sleep(Duration::from_millis(seed.within(0..400)));
        let victim = &mut team.mates[seed.below(2)];
        victim.kill();
        victim.start();
        // Now and then it is killed again before it has caught up.
        if seed.chance(50) {
            team.settle();
        }
    }
    team.settle();
    // Everybody wrote files of their own: there is nothing that could be a conflict.
    for mate in &team.mates {
        for (name, content) in &expected {
            assert_eq!(mate.read(name).as_ref(), Some(content), "{name}");
        }
        let files = mate.tree().into_values().flatten().count();
        assert_eq!(files, expected.len() + 2, "{:?}", mate.tree().keys());
    }
}
