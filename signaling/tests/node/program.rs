use std::process::Stdio;

use signaling::Config;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::Command;

fn program() -> Command {
    let mut program = Command::new(env!("CARGO_BIN_EXE_wherry-signaling"));
    program
        .env_remove("RUST_LOG")
        .kill_on_drop(true)
        .stdin(Stdio::null());
    program
}

#[tokio::test]
async fn the_printed_configuration_is_the_one_that_would_be_used() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("wherry.toml");
    let text = "drain_s = 9\n[limits.sockets]\nper_address = 1000\n";
    tokio::fs::write(&file, text).await.unwrap();
    let output = program()
        .args([
            "--listen",
            "127.0.0.1:1",
            "--listen",
            "[::1]:2",
            "--trusted-proxy",
            "10.0.0.0/8",
        ])
        .arg("--config")
        .arg(&file)
        .arg("--print-config")
        .output()
        .await
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    let config = Config::parse(std::str::from_utf8(&output.stdout).unwrap()).unwrap();
    assert_eq!(config.listen.len(), 2);
    assert_eq!(
        (config.drain_s, config.limits.sockets.per_address),
        (9, 1_000)
    );
    assert_eq!(config.proxy.trusted, ["10.0.0.0/8".parse().unwrap()]);
}

#[tokio::test]
async fn a_wrong_configuration_is_said_in_one_sentence() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("wherry.toml");
    tokio::fs::write(&file, "lisen = 1").await.unwrap();
    let output = program().arg("--config").arg(&file).output().await.unwrap();
    assert!(!output.status.success());
    assert!(String::from_utf8_lossy(&output.stderr).contains("lisen"));
}

#[cfg(unix)]
#[tokio::test]
async fn the_program_serves_until_it_is_asked_to_stop() {
    let mut running = program()
        .args(["--listen", "127.0.0.1:0"])
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut log = BufReader::new(running.stderr.take().unwrap()).lines();
    while let Some(line) = log.next_line().await.unwrap() {
        assert!(
            !line.contains("127.0.0.1"),
            "logs name no addresses: {line}"
        );
        if line.contains("the node serves") {
            break;
        }
    }
    let id = running.id().unwrap().to_string();
    let asked = Command::new("kill")
        .args(["-TERM", &id])
        .status()
        .await
        .unwrap();
    assert!(asked.success());
    assert!(running.wait().await.unwrap().success());
}
