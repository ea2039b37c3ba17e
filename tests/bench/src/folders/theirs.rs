use std::fs::{self, File};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::ensure;

use super::couple::Process;

/// Two Syncthings that know each other and share `sides`; they look `delay` seconds after a change.
pub(super) fn start(
    scratch: &Path,
    sides: &[PathBuf; 2],
    delay: &str,
) -> anyhow::Result<[Process; 2]> {
    let homes = ["a", "b"].map(|name| scratch.join(name).join("home"));
    let mut members = String::new();
    let mut devices = String::new();
    let mut ports = Vec::new();
    for home in &homes {
        let name = make(home)?;
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        members += &format!("<device id=\"{name}\"/>");
        devices += &format!(
            "<device id=\"{name}\" name=\"{name}\"><address>tcp://127.0.0.1:{port}</address></device>"
        );
        ports.push(port);
    }
    let mut running = Vec::new();
    for ((home, side), port) in homes.iter().zip(sides).zip(ports) {
        // It takes a folder without this for one whose disk is not there.
        fs::create_dir_all(side.join(".stfolder"))?;
        let folder = format!(
            "<folder id=\"shared\" path=\"{}\" fsWatcherEnabled=\"true\" fsWatcherDelayS=\"{delay}\">{members}</folder>",
            side.display()
        );
        let options = format!("<listenAddress>tcp://127.0.0.1:{port}</listenAddress>{OPTIONS}");
        let text = format!(
            "<configuration version=\"36\">{folder}{devices}<gui enabled=\"false\"/><options>{options}</options></configuration>"
        );
        fs::write(home.join("config.xml"), text)?;
        let mut command = Command::new("syncthing");
        command.args(["serve", "--no-browser", "--no-restart", "--no-upgrade"]);
        command.arg("--home").arg(home).env("HOME", home);
        command.stdout(File::create(home.join("log"))?);
        command.stderr(Stdio::null());
        running.push(Process::start(&mut command)?);
    }
    let running: Result<[Process; 2], _> = running.try_into();
    running.map_err(|_| anyhow::anyhow!("there are two homes"))
}

/// Makes a device and returns its name.
fn make(home: &Path) -> anyhow::Result<String> {
    let mut command = Command::new("syncthing");
    command
        .args(["generate", "--no-default-folder", "--home"])
        .arg(home);
    let output = command.env("HOME", home).output()?;
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "syncthing generate: {said}");
    let mut command = Command::new("syncthing");
    let output = command
        .arg("--home")
        .arg(home)
        .arg("--device-id")
        .output()?;
    let name = String::from_utf8(output.stdout)?.trim().to_owned();
    ensure!(name.len() == NAME_BYTES, "{name} names no device");
    Ok(name)
}

/// It is to speak with the other one and with nobody else.
const OPTIONS: &str = "<globalAnnounceEnabled>false</globalAnnounceEnabled>\
    <localAnnounceEnabled>false</localAnnounceEnabled><relaysEnabled>false</relaysEnabled>\
    <natEnabled>false</natEnabled><urAccepted>-1</urAccepted><startBrowser>false</startBrowser>\
    <crashReportingEnabled>false</crashReportingEnabled><autoUpgradeIntervalH>0</autoUpgradeIntervalH>\
    <reconnectionIntervalS>1</reconnectionIntervalS><stunKeepaliveStartS>0</stunKeepaliveStartS>";
const NAME_BYTES: usize = 63;
