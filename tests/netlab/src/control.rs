//! How a lab that is up is talked to from outside: one line asks, one line answers, over a socket file.

use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};

use crate::lab::Lab;

/// A listener for one lab; dropping it removes the socket file.
#[derive(Debug)]
pub struct Control {
    listener: UnixListener,
    path: PathBuf,
}

/// What is asked of a lab.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    GoOn,
    Down,
}

impl Control {
    /// Listens for the lab `id`; an older one of that id must be down.
    ///
    /// What labs that were killed have left behind is swept away first.
    pub fn bind(id: &str) -> Result<Self> {
        sweep()?;
        let path = path_of(id)?;
        let listener =
            UnixListener::bind(&path).with_context(|| format!("a lab {id} is up already"))?;
        Ok(Self { listener, path })
    }

    /// Answers until somebody says `down`.
    pub fn serve(&self, lab: &Lab) -> Result<()> {
        for stream in self.listener.incoming() {
            // Who asks and leaves needs no answer.
            if answer(&stream?, lab).is_ok_and(|verdict| verdict == Verdict::Down) {
                return Ok(());
            }
        }
        Ok(())
    }
}

impl Drop for Control {
    fn drop(&mut self) {
        // Otherwise the next sweep removes it.
        fs::remove_file(&self.path).ok();
    }
}

/// Says `words` to the lab `id` and returns its answer.
pub fn tell(id: &str, words: &str) -> Result<String> {
    let stream = connect(id)?;
    stream.set_read_timeout(Some(ANSWER_TIME))?;
    writeln!(&stream, "{words}")?;
    let mut line = String::new();
    BufReader::new(&stream).read_line(&mut line)?;
    let line = line.trim_end();
    match line.split_once(' ').unwrap_or((line, "")) {
        ("ok", answer) => Ok(answer.to_owned()),
        ("error", problem) => bail!("{problem}"),
        _ => bail!("the lab {id} went down"),
    }
}

/// A command that runs in the namespace `node` of the lab `id`.
pub fn command_in(id: &str, node: &str, program: &[String]) -> Result<Command> {
    let pid = rustix::net::sockopt::socket_peercred(connect(id)?)?
        .pid
        .as_raw_nonzero();
    let mut command = Command::new("nsenter");
    command.args([
        "--target",
        &pid.to_string(),
        "--user",
        "--preserve-credentials",
        "--mount",
        "nsenter",
        &format!("--net=/run/netns/{node}"),
    ]);
    command.arg("--").args(program);
    Ok(command)
}

/// Removes the socket files of labs that are gone.
pub fn sweep() -> Result<()> {
    for entry in fs::read_dir(folder()?)? {
        let path = entry?.path();
        if UnixStream::connect(&path).is_err() {
            // Somebody else may sweep too.
            fs::remove_file(&path).ok();
        }
    }
    Ok(())
}

fn connect(id: &str) -> Result<UnixStream> {
    UnixStream::connect(path_of(id)?).with_context(|| format!("there is no lab {id}"))
}

fn answer(stream: &UnixStream, lab: &Lab) -> Result<Verdict> {
    stream.set_read_timeout(Some(ANSWER_TIME))?;
    let mut line = String::new();
    BufReader::new(stream).read_line(&mut line)?;
    let words: Vec<&str> = line.split_whitespace().collect();
    let mut stream = stream;
    match obey(lab, &words) {
        Ok(answer) => writeln!(stream, "ok {answer}")?,
        Err(error) => writeln!(stream, "error {error:#}")?,
    }
    Ok(match words[..] {
        ["down"] => Verdict::Down,
        _ => Verdict::GoOn,
    })
}

fn obey(lab: &Lab, words: &[&str]) -> Result<String> {
    match words {
        ["set", side, both] => set(lab, side, both, both),
        ["set", side, outwards, inwards] => set(lab, side, outwards, inwards),
        ["links"] => Ok(describe_links(lab)),
        ["nodes"] => Ok(lab.names().collect::<Vec<_>>().join(" ")),
        ["readdress", device, address] => {
            lab.readdress(device, address.parse()?)?;
            Ok(String::new())
        }
        ["spare", "switch"] => done(lab.switch_to_spare()),
        ["spare", "raise"] => done(lab.raise_spare()),
        ["spare", "lower"] => done(lab.lower_spare()),
        ["down"] => Ok(String::new()),
        _ => bail!(
            "say `set SIDE CHANGES [CHANGES]`, `links`, `nodes`, `readdress DEVICE ADDRESS`, \
             `spare switch|raise|lower` or `down`"
        ),
    }
}

fn done(result: Result<()>) -> Result<String> {
    result.map(|()| String::new())
}

fn set(lab: &Lab, side: &str, outwards: &str, inwards: &str) -> Result<String> {
    let link = lab.link(side);
    let link = link.with_context(|| {
        format!("the link of {side} is a plain one: start the lab with --wan-{side}")
    })?;
    let (out, back) = link.params();
    link.change(out.changed(outwards)?, back.changed(inwards)?);
    let (out, back) = link.params();
    Ok(format!("{side} out {out} in {back}"))
}

fn describe_links(lab: &Lab) -> String {
    let links = ["a", "b", "s", "vpn"].into_iter().filter_map(|side| {
        let link = lab.link(side)?;
        let (out, back) = link.tallies();
        Some(format!("{side} out {out:?} in {back:?}"))
    });
    links.collect::<Vec<_>>().join("; ")
}

fn path_of(id: &str) -> Result<PathBuf> {
    let is_plain = |it: char| it.is_ascii_alphanumeric() || it == '-';
    if id.is_empty() || !id.chars().all(is_plain) {
        bail!("the id of a lab is of letters, digits and hyphens");
    }
    Ok(folder()?.join(id))
}

/// A folder outside everything that a lab hides.
fn folder() -> Result<PathBuf> {
    let folder = std::env::temp_dir().join("netlab");
    fs::create_dir_all(&folder)?;
    Ok(folder)
}

const ANSWER_TIME: Duration = Duration::from_secs(10);
