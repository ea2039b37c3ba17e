use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::Context as _;

use crate::figures::{Cost, Figures};
use crate::measured::{self, Measured};
use crate::raw;
use crate::stage::Arrival;

/// One TCP connection between two processes of this program.
pub(crate) fn plain_tcp(source: &Path, arrival: &Arrival) -> anyhow::Result<Figures> {
    let (server, address) = serve(raw::SERVE_TCP, source)?;
    let mut client = Command::new(std::env::current_exe()?);
    client.args([raw::FETCH_TCP, &address]).arg(&arrival.path);
    fetch(server, "plain TCP", &mut client)
}

/// curl, and a server that is part of this program.
pub(crate) fn curl(source: &Path, arrival: &Arrival) -> anyhow::Result<Figures> {
    let (server, address) = serve(raw::SERVE_HTTP, source)?;
    let mut client = Command::new("curl");
    client.args([
        "--silent",
        "--show-error",
        "--fail",
        "--noproxy",
        "*",
        "--output",
    ]);
    client.arg(&arrival.path).arg(format!("http://{address}/"));
    fetch(server, "curl", &mut client)
}

/// rsync between its own processes; the first one's time includes that of the others.
pub(crate) fn rsync(source: &Path, arrival: &Arrival) -> anyhow::Result<Figures> {
    let mut command = Command::new("rsync");
    command
        .args(["--archive", "--whole-file"])
        .arg(source)
        .arg(&arrival.into);
    alone("rsync", &mut command)
}

/// scp to this machine; the time of the SSH server is not seen.
pub(crate) fn scp(source: &Path, arrival: &Arrival) -> anyhow::Result<Figures> {
    let mut command = Command::new("scp");
    command
        .args(["-o", "BatchMode=yes", "-q", "-r", "-p"])
        .arg(source);
    command.arg(format!("localhost:{}/", arrival.into.display()));
    alone("scp", &mut command)
}

/// tar into tar: what the files alone cost.
pub(crate) fn tar(source: &Path, arrival: &Arrival) -> anyhow::Result<Figures> {
    let (parent, name) = source
        .parent()
        .zip(source.file_name())
        .context("a source has a name")?;
    let begun = Instant::now();
    let mut packing = Command::new("tar");
    packing.arg("-C").arg(parent).args(["-cf", "-"]).arg(name);
    let mut packing = Measured::start("tar -c", packing.stdout(Stdio::piped()))?;
    let pipe = packing
        .child()
        .stdout
        .take()
        .context("the output is piped")?;
    let mut unpacking = Command::new("tar");
    unpacking
        .arg("-C")
        .arg(&arrival.into)
        .args(["-xf", "-"])
        .stdin(pipe);
    let mut unpacking = Measured::start("tar -x", &mut unpacking)?;
    measured::wait_for_all(&mut [&mut unpacking, &mut packing])?;
    Ok(Figures {
        seconds: unpacking.seconds_since(begun),
        sender: packing.cost(),
        receiver: unpacking.cost(),
        ..Figures::default()
    })
}

/// Starts a server of one file and reads where it listens.
fn serve(role: &str, source: &Path) -> anyhow::Result<(Measured, String)> {
    let mut command = Command::new(std::env::current_exe()?);
    command.arg(role).arg(source).stdout(Stdio::piped());
    let mut server = Measured::start(role, &mut command)?;
    let stdout = server
        .child()
        .stdout
        .take()
        .context("the output is piped")?;
    let mut address = String::new();
    BufReader::new(stdout).read_line(&mut address)?;
    Ok((server, address.trim_end().to_owned()))
}

fn fetch(mut server: Measured, name: &str, client: &mut Command) -> anyhow::Result<Figures> {
    let begun = Instant::now();
    let mut client = Measured::start(name, client)?;
    measured::wait_for_all(&mut [&mut client, &mut server])?;
    Ok(Figures {
        seconds: client.seconds_since(begun),
        sender: server.cost(),
        receiver: client.cost(),
        ..Figures::default()
    })
}

fn alone(name: &str, command: &mut Command) -> anyhow::Result<Figures> {
    let begun = Instant::now();
    let mut process = Measured::start(name, command)?;
    measured::wait_for_all(&mut [&mut process])?;
    Ok(Figures {
        seconds: process.seconds_since(begun),
        sender: process.cost(),
        receiver: Cost::default(),
        ..Figures::default()
    })
}
