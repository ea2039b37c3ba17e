//! Nothing is left of a lab, however it ends.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Output, Stdio};
use std::thread;
use std::time::Duration;

use netlab::{Lab, Plan, alone, control};

fn netlab(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_netlab"));
    command.args(arguments);
    command
}

/// A lab that a program of its own keeps up; dropping it kills the program.
struct Upheld(Child);

impl Drop for Upheld {
    fn drop(&mut self) {
        // It may have ended by itself.
        self.0.kill().ok();
        self.0.wait().unwrap();
    }
}

/// Starts a lab and waits until it says that it is up.
fn up(id: &str) -> Upheld {
    let mut command = netlab(&["up", "--id", id, "--a", "sym", "--wan-a", "delay=1ms"]);
    let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.as_mut().unwrap())
        .read_line(&mut line)
        .unwrap();
    assert!(line.contains("is up"), "{line}");
    Upheld(child)
}

fn exec(id: &str, node: &str, program: &[&str]) -> Output {
    let arguments = [&["exec", id, node, "--"], program].concat();
    netlab(&arguments).output().unwrap()
}

fn name(what: &str) -> String {
    format!("{what}-{}", std::process::id())
}

#[test]
fn a_lab_that_is_dropped_leaves_no_namespace() {
    alone::test(
        "cleaning::a_lab_that_is_dropped_leaves_no_namespace",
        || {
            let count = || std::fs::read_dir("/run/netns").unwrap().count();
            let lab = Lab::up(&Plan::between("prc/sym", "proxy").unwrap()).unwrap();
            assert!(count() >= 6);
            drop(lab);
            assert_eq!(count(), 0);
            let panicked = std::panic::catch_unwind(|| {
                let _lab = Lab::up(&Plan::between("prc", "prc").unwrap()).unwrap();
                panic!("on purpose");
            });
            assert!(panicked.is_err());
            assert_eq!(count(), 0);
        },
    );
}

#[test]
fn a_lab_whose_program_is_killed_is_gone_and_swept() {
    let id = name("killed");
    let child = up(&id);
    let inner = exec(
        &id,
        "a",
        &["sh", "-c", "ip -o addr show eth0; echo $NETLAB_INSIDE"],
    );
    let seen = String::from_utf8_lossy(&inner.stdout).into_owned();
    assert!(seen.contains("192.168.1.10/24"), "{seen} {inner:?}");
    drop(child);
    // The kernel is given its time to take everything down.
    let is_gone = || {
        let error = control::tell(&id, "nodes").err();
        error.is_some_and(|error| error.to_string().contains("there is no lab"))
    };
    assert!((0..500).any(|_| is_gone() || {
        thread::sleep(Duration::from_millis(20));
        false
    }));
    control::sweep().unwrap();
    let mut again = up(&id);
    control::tell(&id, "down").unwrap();
    assert!(again.0.wait().unwrap().success());
}

#[test]
fn labs_with_different_ids_live_side_by_side() {
    let (one, other) = (name("one"), name("other"));
    let mut children = [up(&one), up(&other)];
    let changed = control::tell(&one, "set a delay=33ms").unwrap();
    assert!(changed.contains("delay=33000us"), "{changed}");
    let untouched = control::tell(&other, "set a up").unwrap();
    assert!(untouched.contains("delay=1000us"), "{untouched}");
    assert!(
        control::tell(&one, "set b down").is_err(),
        "b has a plain link"
    );
    for (id, child) in [one, other].iter().zip(&mut children) {
        control::tell(id, "down").unwrap();
        assert!(child.0.wait().unwrap().success());
    }
}

#[test]
fn one_line_runs_programs_on_both_devices() {
    let id = name("line");
    let output = netlab(&["run", "--id", &id, "--a", "sym", "--b", "prc"])
        .args(["--in-a", "ip -o -4 addr show eth0; ip route get 11.0.0.1"])
        .args(["--in-b", "ip -o -4 addr show eth0"])
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{output:?}");
    assert!(
        said.contains("192.168.1.10")
            && said.contains("192.168.2.10")
            && said.contains("via 192.168.1.1"),
        "{said}"
    );
    let failing = netlab(&["run", "--id", &id, "--in-a", "exit 7"])
        .output()
        .unwrap();
    assert_eq!(failing.status.code(), Some(7));
}
