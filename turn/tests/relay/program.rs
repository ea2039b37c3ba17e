//! `wherry-turn` as operators run it.

use std::process::{Output, Stdio};

use tokio::process::Command;

fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_wherry-turn"));
    command.stdin(Stdio::null()).kill_on_drop(true);
    command
}

async fn run(arguments: &[&str]) -> Output {
    program().args(arguments).output().await.unwrap()
}

#[tokio::test]
async fn without_a_secret_it_says_so_and_does_not_start() {
    let output = run(&["--listen", "127.0.0.1:0"]).await;
    assert!(!output.status.success());
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(error.contains("--secret-file"), "{error}");
}

#[tokio::test]
async fn a_secret_that_is_too_short_is_named_and_not_shown() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("secret");
    std::fs::write(&path, "hunter2").unwrap();
    let path = path.to_str().unwrap();
    let output = run(&["--listen", "127.0.0.1:0", "--secret-file", path]).await;
    assert!(!output.status.success());
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(
        error.contains(path) && !error.contains("hunter2"),
        "{error}"
    );
}

#[tokio::test]
async fn the_configuration_it_prints_is_one_it_reads() {
    let folder = tempfile::tempdir().unwrap();
    let printed = run(&["--listen", "127.0.0.1:3999", "--print-config"]).await;
    assert!(printed.status.success());
    let path = folder.path().join("turn.toml");
    std::fs::write(&path, &printed.stdout).unwrap();
    let again = run(&["--config", path.to_str().unwrap(), "--print-config"]).await;
    assert_eq!(again.stdout, printed.stdout);
    assert!(String::from_utf8_lossy(&again.stdout).contains("127.0.0.1:3999"));
}

#[cfg(unix)]
#[tokio::test]
async fn it_serves_until_it_is_asked_to_stop() {
    use tokio::io::{AsyncBufReadExt, BufReader};
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("secret");
    std::fs::write(&path, "a secret of some length\n").unwrap();
    let mut child = program()
        .args([
            "--listen",
            "127.0.0.1:0",
            "--secret-file",
            path.to_str().unwrap(),
        ])
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
    loop {
        let line = lines
            .next_line()
            .await
            .unwrap()
            .expect("it says that it serves");
        assert!(!line.contains("a secret"), "{line}");
        if line.contains("the relay serves") {
            break;
        }
    }
    let pid = rustix::process::Pid::from_raw(i32::try_from(child.id().unwrap()).unwrap()).unwrap();
    rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
    assert!(child.wait().await.unwrap().success());
}
