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
