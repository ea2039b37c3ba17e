//! What may go through relays in a month, and what becomes of transfers when that is used up.

use e2e::{Running, code_of, make_file, pair_with, same_file};
use netlab::{Plan, alone};

use super::{Scene, text};

/// Two that only a relay connects.
fn scene() -> Scene {
    Scene::new(&Plan::between("sym", "sym").expect("two kinds"))
}

const FILE_BYTES: usize = 20_000_000;

fn set_budget(scene: &Scene, budget: &str) {
    scene
        .a
        .run(&["config", "set", "relay-budget-bytes", budget]);
}

#[test]
fn a_code_transfer_ends_with_the_reason_and_goes_on_when_there_is_budget_again() {
    let name =
        "relay_budget::a_code_transfer_ends_with_the_reason_and_goes_on_when_there_is_budget_again";
    alone::test(name, || {
        let scene = scene();
        set_budget(&scene, "5M");
        let file = scene.a.path("trip.mov");
        make_file(&file, FILE_BYTES, 7);
        let into = scene.b.path("into");
        let limited = ["send", &text(&file), "--code", "--limit", "4M"];
        let mut sending = scene.a.start(&limited);
        let code = code_of(&mut sending);
        let receive = ["receive", &code, "--into", &text(&into), "--yes"];
        let mut receiving = scene.b.start(&receive);
        let ended = sending.end();
        assert_eq!(ended.code(), 6, "{ended:?}");
        let failed = ended.event("transfer_failed");
        assert_eq!(failed["code"], "relay_budget", "{failed}");
        receiving.signal("TERM");
        receiving.end();
        assert!(!into.join("trip.mov").exists());

        set_budget(&scene, "1G");
        // The same commands go on: the code was used, and the two know each other for a day.
        let mut sending = scene.a.start(&["send", &text(&file), "--code"]);
        let mut receiving = scene.b.start(&receive);
        receiving.end().expect_success();
        sending.end().expect_success();
        same_file(&file, &into.join("trip.mov"));
    });
}

fn paused_for_budget(sending: &mut Running) {
    let paused =
        sending.wait_until(|it| it["event"] == "transfer_paused" && it["reason"] == "relay_budget");
    paused.expect("it waits and says why");
}

#[test]
fn a_transfer_to_a_contact_waits_until_there_is_budget_again() {
    let name = "relay_budget::a_transfer_to_a_contact_waits_until_there_is_budget_again";
    alone::test(name, || {
        let scene = scene();
        scene.b.run(&["config", "set", "device-name", "ben"]);
        pair_with(&scene.a, &[], &scene.b);
        let into = scene.b.path("into");
        let mut receiving = scene.b.start(&["run", "--into", &text(&into), "--yes"]);
        receiving.wait_for("ready");
        let file = scene.a.path("trip.mov");
        make_file(&file, FILE_BYTES, 7);
        set_budget(&scene, "5M");
        let arguments = [
            "send",
            &text(&file),
            "--to",
            "ben",
            "--wait",
            "--limit",
            "4M",
        ];
        let mut sending = scene.a.start(&arguments);
        paused_for_budget(&mut sending);
        // The month counts on: another process begins where this one was.
        set_budget(&scene, "1G");
        let ended = sending.end().expect_success();
        assert_eq!(ended.event("transfer_completed")["path"], "relay");
        receiving.wait_for("transfer_completed");
        same_file(&file, &into.join("trip.mov"));
        set_budget(&scene, "5M");
        let other = scene.a.path("other.mov");
        make_file(&other, FILE_BYTES, 8);
        let arguments = ["send", &text(&other), "--to", "ben", "--wait"];
        let mut sending = scene.a.start(&arguments);
        paused_for_budget(&mut sending);
        sending.signal("TERM");
        sending.end();
        assert!(!into.join("other.mov").exists());
        receiving.signal("TERM");
        receiving.end().expect_success();
    });
}
