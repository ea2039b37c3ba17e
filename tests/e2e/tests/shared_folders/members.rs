use std::fs;

use crate::team::Team;

#[test]
fn edits_on_three_devices_flow_to_all() {
    let team = Team::of(&["ana", "ben", "cleo"]);
    for (place, mate) in team.mates.iter().enumerate() {
        mate.write(&format!("by/{place}.txt"), &format!("from {place}"));
    }
    team.converge(|mate| (0..3).all(|place| mate.read(&format!("by/{place}.txt")).is_some()));
    team.mates[2].write("by/0.txt", "changed by the third");
    team.converge(|mate| mate.read("by/0.txt").as_deref() == Some("changed by the third"));
}

#[test]
fn what_a_reader_changes_stays_with_it_until_it_reverts() {
    let mut team = Team::of_strangers(&["ana", "ben"]);
    team.mates[0].write("plan.txt", "by ana");
    team.share(&["--with", "ben", "--read-only"]);
    team.join(1);
    team.converge(|mate| mate.read("plan.txt").is_some());
    team.mates[1].write("plan.txt", "by the reader");
    team.mates[1].write("extra.txt", "by the reader");
    let running = team.mates[1].running.as_mut().expect("it runs");
    running
        .wait_until(|event| event["what"] == "change_stays_here" && event["path"] == "plan.txt")
        .expect("it is told");
    team.mates[1].wait_for_status("two changes that stay", |status| {
        status["local_changes"] == 2
    });
    team.mates[0].write("news.txt", "by ana");
    team.converge_of(&[1], |mate| mate.read("news.txt").is_some());
    assert_eq!(team.mates[0].read("plan.txt").as_deref(), Some("by ana"));
    assert_eq!(team.mates[0].read("extra.txt"), None);
    team.mates[1].ask(&["revert", "shared"]);
    team.converge(|mate| mate.read("plan.txt").as_deref() == Some("by ana"));
    assert!(
        team.mates[1]
            .versions()
            .contains(&b"by the reader".to_vec())
    );
}

#[test]
fn a_removed_member_gets_nothing_new_and_changes_nothing() {
    let mut team = Team::of(&["ana", "ben", "cleo"]);
    team.mates[0].write("before.txt", "1");
    team.converge(|mate| mate.read("before.txt").is_some());
    // It hears of nothing while it is away.
    team.mates[1].stop();
    team.mates[0].ask(&["remove", "shared", "--member", "ben"]);
    team.mates[0].write("after.txt", "2");
    team.mates[1].write("by ben.txt", "3");
    fs::remove_file(team.mates[1].path("before.txt")).expect("it is there");
    team.converge_of(&[0, 2], |mate| mate.read("after.txt").is_some());
    team.mates[1].start();
    team.mates[2].write("later.txt", "4");
    team.converge_of(&[0, 2], |mate| mate.read("later.txt").is_some());
    for mate in [&team.mates[0], &team.mates[2]] {
        assert_eq!(mate.read("by ben.txt"), None);
        assert_eq!(mate.read("before.txt").as_deref(), Some("1"));
    }
    assert_eq!(team.mates[1].read("after.txt"), None);
    assert_eq!(team.mates[1].read("later.txt"), None);
}

/// Everybody is there when it happens, and nobody meets anew afterwards.
#[test]
fn a_member_removed_while_all_are_there_is_done_with_at_once() {
    let team = Team::of(&["ana", "ben", "cleo"]);
    team.mates[0].write("before.txt", "1");
    team.converge(|mate| mate.read("before.txt").is_some());
    team.mates[0].ask(&["remove", "shared", "--member", "cleo"]);
    // Ben hears of it from Ana, and Cleo too.
    let is_out = |mate: &crate::team::Mate| {
        let status = mate.status();
        let members = status["members"].as_array().expect("members").clone();
        members.iter().all(|member| member["name"] != "cleo")
    };
    team.converge_of(&[1], is_out);
    team.mates[2].write("by cleo.txt", "2");
    team.mates[1].write("by ben.txt", "3");
    team.converge_of(&[0, 1], |mate| mate.read("by ben.txt").is_some());
    for mate in &team.mates[..2] {
        assert_eq!(mate.read("by cleo.txt"), None);
    }
    assert_eq!(team.mates[2].read("by ben.txt"), None);
}
