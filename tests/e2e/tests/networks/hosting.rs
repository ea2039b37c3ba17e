//! A person's own machine introduces devices and relays for them: no other server is anywhere.

use e2e::{Device, Ended, Running, code_of, make_file, same_file};
use netlab::{Lab, Plan, alone};
use serde_json::Value;

use super::text;

fn lab(a: &str, b: &str) -> Lab {
    let plan = Plan::between(a, b).expect("two kinds");
    Lab::up(&plan).expect("a lab")
}

/// Sends a file under a code, and returns what both said at the end: the receiver first.
fn carry(from: &Device, to: &Device) -> [Ended; 2] {
    let file = from.path("trip.mov");
    make_file(&file, 3_000_000, 1);
    let mut sending = from.start(&["send", &text(&file), "--code"]);
    let code = code_of(&mut sending);
    let into = to.path("into");
    let mut receiving = to.start(&["receive", &code, "--into", &text(&into), "--yes"]);
    let ended = [
        receiving.end().expect_success(),
        sending.end().expect_success(),
    ];
    same_file(&file, &into.join("trip.mov"));
    ended
}

fn path_of(ended: &Ended) -> String {
    let path = ended.event("transfer_completed")["path"].as_str();
    path.expect("a path").to_owned()
}

fn urls(hosting: &Value) -> Vec<String> {
    let urls = hosting["urls"].as_array().expect("a list");
    let text = |url: &Value| url.as_str().expect("a text").to_owned();
    urls.iter().map(text).collect()
}

fn stop(mut hosting: Running) {
    hosting.signal("TERM");
    hosting.end().expect_success();
}

#[test]
fn one_command_on_a_public_machine_is_all_that_two_behind_symmetric_nats_need() {
    let name =
        "hosting::one_command_on_a_public_machine_is_all_that_two_behind_symmetric_nats_need";
    alone::test(name, || {
        let lab = lab("sym", "sym");
        let machine = Device::new("").inside("inet");
        let mut hosting = machine.start(&["host", "--listen", "11.0.0.1:7400"]);
        let told = urls(&hosting.wait_for("hosting"));
        assert_eq!(told, ["ws://11.0.0.1:7400/ws"]);
        let device = |node: &str| Device::new(&told[0]).inside(node);
        let ended = carry(&device("a"), &device("b"));
        assert_eq!(ended.each_ref().map(path_of), ["relay", "relay"]);
        stop(hosting);
        drop(lab);
    });
}

#[test]
fn who_hosts_without_relaying_only_introduces() {
    let name = "hosting::who_hosts_without_relaying_only_introduces";
    alone::test(name, || {
        let lab = lab("none", "none");
        let machine = Device::new("").inside("inet");
        let listen = "11.0.0.1:7400";
        let mut hosting = machine.start(&["host", "--listen", listen, "--no-relay"]);
        let told = urls(&hosting.wait_for("hosting"));
        let device = |node: &str| Device::new(&told[0]).inside(node);
        let ended = carry(&device("a"), &device("b"));
        assert_eq!(ended.each_ref().map(path_of), ["direct", "direct"]);
        let only = |node: &str| device(node).with("WHERRY_RELAY", "only");
        let (a, b) = (only("a"), only("b"));
        let file = a.path("trip.mov");
        make_file(&file, 1_000, 1);
        let arguments = ["send", &text(&file), "--code", "--timeout", "5"];
        let mut sending = a.start(&arguments);
        let code = code_of(&mut sending);
        let into = text(&b.path("into"));
        let arguments = ["receive", &code, "--into", &into, "--yes", "--timeout", "5"];
        let mut receiving = b.start(&arguments);
        for code in [receiving.end(), sending.end()].map(|ended| ended.code()) {
            assert!(matches!(code, 6 | 13), "{code}");
        }
        stop(hosting);
        drop(lab);
    });
}

/// The router of `a` passes what comes to port 7400 on, as its owner told it.
fn pass_on(lab: &Lab) {
    let rules = "table ip passing {
        chain inbound {
            type nat hook prerouting priority dstnat - 1;
            iifname \"wan\" tcp dport 7400 dnat to 192.168.1.10:7400
        }
    }";
    lab.node("router-a").load_rules(rules).expect("rules");
}

#[test]
fn a_device_that_hosts_behind_a_router_is_its_own_server_and_that_of_others() {
    let name = "hosting::a_device_that_hosts_behind_a_router_is_its_own_server_and_that_of_others";
    alone::test(name, || {
        let lab = lab("prc", "sym");
        pass_on(&lab);
        let ana = Device::new("").inside("a");
        let ana = ana.with("WHERRY_HOST_HERE", "11.0.1.2");
        let mut running = ana.start(&["run"]);
        let told = urls(&running.wait_for("hosting"));
        assert_eq!(told, ["ws://11.0.1.2:7400/ws"]);
        let ben = Device::new(&told[0]).inside("b");
        // A symmetric NAT and a strict one: only the relay in Ana's machine leads there, by TCP.
        let ended = carry(&ana, &ben);
        assert_eq!(ended.each_ref().map(path_of), ["relay", "relay"]);
        let ended = carry(&ben, &ana);
        assert_eq!(ended.each_ref().map(path_of), ["relay", "relay"]);
        ana.run(&["config", "set", "host-here", "off"]);
        stop(running);
        drop(lab);
    });
}

#[test]
fn a_machine_whose_port_is_taken_says_so() {
    let name = "hosting::a_machine_whose_port_is_taken_says_so";
    alone::test(name, || {
        let lab = lab("none", "none");
        let machine = Device::new("").inside("a");
        let mut hosting = machine.start(&["host"]);
        let told = urls(&hosting.wait_for("hosting"));
        assert!(!told.is_empty());
        let mut second = machine.start(&["host"]);
        let ended = second.end();
        assert_eq!(ended.code(), 2);
        let other = Device::new("")
            .inside("a")
            .with("WHERRY_HOST_HERE", "on")
            .on_local_networks();
        let mut running = other.start(&["run"]);
        running.wait_for("hosting_failed");
        stop(running);
        stop(hosting);
        drop(lab);
    });
}
