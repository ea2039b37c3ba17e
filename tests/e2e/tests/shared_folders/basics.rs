use std::fs;

use e2e::make_file;

use crate::team::Team;

#[test]
fn a_folder_shared_with_one_contact_stays_in_step_both_ways() {
    let mut team = Team::of_strangers(&["ana", "ben"]);
    team.mates[0].write("notes/today.txt", "from ana");
    make_file(&team.mates[0].path("large.bin"), 3_000_000, 4);
    team.share(&["--with", "ben"]);
    team.join(1);
    team.converge(|mate| mate.read("notes/today.txt").is_some());

    team.mates[1].write("notes/today.txt", "ben was here");
    team.mates[1].write("new/from ben.txt", "hello");
    team.converge(|mate| mate.read("notes/today.txt").as_deref() == Some("ben was here"));

    fs::remove_file(team.mates[0].path("new/from ben.txt")).expect("it is there");
    fs::rename(
        team.mates[0].path("large.bin"),
        team.mates[0].path("notes/moved.bin"),
    )
    .expect("it moves");
    team.converge(|mate| {
        mate.path("notes/moved.bin").exists() && mate.read("new/from ben.txt").is_none()
    });
    assert!(team.mates[1].versions().contains(&b"hello".to_vec()));
}
