use std::collections::BTreeMap;
use std::time::Duration;

use testkit::{Seed, seed_from_environment};

use crate::team::Team;

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
    // A kill between a file and the note of it can make a conflict of two versions by one person; both are there.
    for mate in &team.mates {
        let mut there: Vec<Vec<u8>> = mate.tree().into_values().flatten().collect();
        there.extend(mate.versions());
        for (name, content) in &expected {
            assert!(there.contains(&content.clone().into_bytes()), "{name}");
        }
    }
}
