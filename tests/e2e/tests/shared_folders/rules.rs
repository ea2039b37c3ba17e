use std::fs;

use serde_json::json;

use crate::team::Team;

#[test]
fn what_the_list_names_is_not_shared_and_the_list_is() {
    let team = Team::of(&["ana", "ben"]);
    team.mates[0].ask(&["ignore", "shared", "*.log", "build/"]);
    team.converge(|mate| mate.read(".wherryignore").is_some());
    team.mates[1].write("a.log", "not shared");
    team.mates[1].write("build/x", "not shared");
    team.mates[1].write("a.txt", "shared");
    team.converge_of(&[0], |mate| mate.read("a.txt").is_some());
    assert_eq!(team.mates[0].read("a.log"), None);
    assert!(!team.mates[0].path("build").exists());
    let lines = team.mates[1].ask(&["ignore", "shared"]);
    assert_eq!(lines.len(), 2, "{lines:?}");
}

#[test]
fn what_is_amiss_is_told_until_it_is_mended() {
    let team = Team::of(&["ana", "ben"]);
    let ana = &team.mates[0];
    ana.wait_for_status("nothing amiss", |status| status["notes"] == json!([]));
    ana.write(".wherryignore", "*.log\n[b-a]\n");
    let amiss = json!([{ "note": "bad_rules", "line": 2 }]);
    ana.wait_for_status("a bad line", |status| status["notes"] == amiss);
    ana.write(".wherryignore", "*.log\n");
    ana.wait_for_status("nothing amiss again", |status| status["notes"] == json!([]));
}

#[test]
fn rules_that_are_given_before_a_folder_is_shared_hold_from_the_start() {
    let mut team = Team::of_strangers(&["ana", "ben"]);
    team.mates[0].write("a.log", "not shared");
    team.mates[0].write("a.txt", "shared");
    team.share(&["--with", "ben", "--ignore", "*.log", "--ignore", "build/"]);
    team.join(1);
    let rules = Some("*.log\nbuild/\n");
    team.converge_of(&[1], |mate| {
        mate.read("a.txt").is_some() && mate.read(".wherryignore").as_deref() == rules
    });
    assert_eq!(team.mates[1].read("a.log"), None);
}

#[test]
fn changes_go_one_way_only_as_a_person_says() {
    let mut team = Team::of(&["ana", "ben"]);
    team.mates[0].write("a.txt", "by ana");
    team.converge(|mate| mate.read("a.txt").is_some());
    team.mates[1].ask(&["direction", "shared", "receive"]);
    team.mates[1].write("own.txt", "by ben");
    team.mates[1].write("a.txt", "changed by ben");
    team.mates[1].stop();
    team.mates[1].start();
    team.mates[0].write("b.txt", "by ana");
    team.converge_of(&[1], |mate| {
        mate.read("b.txt").is_some() && mate.status()["local_changes"] == 2
    });
    assert_eq!(team.mates[1].status()["direction"], "receive_only");
    assert_eq!(team.mates[0].read("own.txt"), None);
    team.mates[1].ask(&["revert", "shared"]);
    team.converge(|mate| mate.read("a.txt").as_deref() == Some("by ana"));
    team.mates[1].ask(&["direction", "shared", "both"]);
    team.mates[0].ask(&["direction", "shared", "send"]);
    team.mates[1].write("a.txt", "changed again");
    team.converge_of(&[0], |mate| mate.status()["behind"] == 1);
    team.mates[0].ask(&["override", "shared"]);
    team.converge(|mate| mate.read("a.txt").as_deref() == Some("by ana"));
    assert!(
        team.mates[1]
            .versions()
            .contains(&b"changed again".to_vec())
    );
}

#[test]
fn very_many_deletions_wait_for_a_person() {
    let mut team = Team::of(&["ana", "ben"]);
    for number in 0..40 {
        team.mates[0].write(&format!("{number}.txt"), &format!("content {number}"));
    }
    team.converge(|mate| mate.tree().len() == 40);
    for number in 0..30 {
        fs::remove_file(team.mates[0].path(&format!("{number}.txt"))).expect("it is there");
    }
    let running = team.mates[1].running.as_mut().expect("it runs");
    running
        .wait_until(|event| event["what"] == "many_deletions")
        .expect("it asks");
    assert!(team.mates[1].tree().len() > 20);
    // A quarter may go unasked.
    team.mates[1].ask(&["deletions", "shared", "refuse"]);
    team.converge(|mate| mate.tree().len() >= 30);
}

#[test]
fn a_folder_that_is_gone_is_not_taken_for_emptied() {
    let mut team = Team::of(&["ana", "ben"]);
    team.mates[0].write("a.txt", "1");
    team.converge(|mate| mate.read("a.txt").is_some());
    team.mates[1].stop();
    let aside = team.mates[1].device.path("aside");
    fs::rename(team.mates[1].folder(), &aside).expect("it moves");
    team.mates[1].start();
    let running = team.mates[1].running.as_mut().expect("it runs");
    running
        .wait_until(|event| event["state"] == "stopped")
        .expect("it says so");
    fs::rename(&aside, team.mates[1].folder()).expect("it comes back");
    team.mates[1].stop();
    team.mates[1].start();
    team.mates[0].write("b.txt", "2");
    team.converge(|mate| mate.read("a.txt").is_some() && mate.read("b.txt").is_some());
}
