use std::fs;

use crate::team::{Mate, Team};

/// Stops both, lets them change things apart, and starts them again.
fn apart(team: &mut Team, change: impl Fn(&Mate, usize)) {
    team.mates.iter_mut().for_each(Mate::stop);
    for (place, mate) in team.mates.iter().enumerate() {
        change(mate, place);
    }
    team.mates.iter_mut().for_each(Mate::start);
}

#[test]
fn two_edits_of_one_file_are_both_kept_until_a_person_decides() {
    let mut team = Team::of(&["ana", "ben"]);
    team.mates[0].write("plan.txt", "first");
    team.converge(|mate| mate.read("plan.txt").is_some());
    apart(&mut team, |mate, place| {
        mate.write("plan.txt", ["by ana", "by ben, later"][place]);
    });
    team.converge(|mate| {
        let contents: Vec<_> = mate.tree().into_values().flatten().collect();
        [&b"by ana"[..], b"by ben, later"]
            .iter()
            .all(|it| contents.iter().any(|have| have == it))
    });
    let listed = team.mates[0].ask(&["conflicts", "shared"]);
    assert_eq!(listed.len(), 1, "{listed:?}");
    assert_eq!(listed[0]["path"], "plan.txt");
    let sides = ["present", "kept"].map(|side| &listed[0][side]);
    let own = sides.map(|side| side["this"] == true);
    assert!(own[0] != own[1], "{listed:?}");
    for (side, own) in sides.into_iter().zip(own) {
        assert_eq!(side["by"], if own { "ana" } else { "ben" }, "{listed:?}");
        assert_eq!(side["bytes"], if own { 6 } else { 13 }, "{listed:?}");
    }
    let copy = listed[0]["copy"].as_str().expect("a path").to_owned();
    let kept = team.mates[0].read(&copy).expect("a copy");
    team.mates[0].ask(&["conflicts", "shared", &copy, "--keep", "copy"]);
    team.converge(|mate| mate.read("plan.txt").as_ref() == Some(&kept) && mate.tree().len() == 1);
    // The one that lost can be brought back.
    let lost = ["by ana", "by ben, later"]
        .into_iter()
        .find(|it| *it != kept)
        .expect("one lost");
    assert!(
        team.mates[0]
            .versions()
            .iter()
            .any(|it| it == lost.as_bytes())
    );
    team.mates[0].ask(&["restore", "shared", "plan.txt"]);
    team.converge(|mate| mate.read("plan.txt").as_deref() == Some(lost));
}

#[test]
fn an_edit_outlives_a_deletion_and_a_folder_wins_over_a_file() {
    let mut team = Team::of(&["ana", "ben"]);
    team.mates[0].write("kept.txt", "first");
    team.mates[0].write("thing", "a file");
    team.converge(|mate| mate.read("kept.txt").is_some() && mate.read("thing").is_some());
    apart(&mut team, |mate, place| match place {
        0 => {
            fs::remove_file(mate.path("kept.txt")).expect("it is there");
            mate.write("thing", "edited");
        }
        _ => {
            mate.write("kept.txt", "edited meanwhile");
            fs::remove_file(mate.path("thing")).expect("it is there");
            mate.write("thing/in it", "x");
        }
    });
    team.converge(|mate| {
        let contents: Vec<_> = mate.tree().into_values().flatten().collect();
        mate.read("kept.txt").as_deref() == Some("edited meanwhile")
            && mate.read("thing/in it").is_some()
            && contents.contains(&b"edited".to_vec())
    });
}

#[test]
fn a_rename_apart_from_an_edit_keeps_both_and_what_is_deleted_comes_back() {
    let mut team = Team::of(&["ana", "ben"]);
    team.mates[0].write("plan.txt", "first");
    team.converge(|mate| mate.read("plan.txt").is_some());
    apart(&mut team, |mate, place| match place {
        0 => fs::rename(mate.path("plan.txt"), mate.path("moved.txt")).expect("it moves"),
        _ => mate.write("plan.txt", "edited"),
    });
    team.converge(|mate| {
        mate.read("plan.txt").as_deref() == Some("edited")
            && mate.read("moved.txt").as_deref() == Some("first")
    });
    fs::remove_file(team.mates[1].path("moved.txt")).expect("it is there");
    team.converge(|mate| mate.read("moved.txt").is_none());
    team.mates[0].ask(&["restore", "shared", "moved.txt"]);
    team.converge(|mate| mate.read("moved.txt").as_deref() == Some("first"));
}
