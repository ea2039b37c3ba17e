use std::env;
use std::process::{Child, Command, ExitCode, Stdio};
use std::thread;

use anyhow::{Context as _, Result};
use clap::{Args, Parser, Subcommand};
use netlab::control::{self, Control};
use netlab::{Lab, Plan, Side, Together, alone};

/// Runs programs on two devices behind NATs, firewalls and bad links.
///
/// Everything happens inside namespaces of this process: nothing of your system changes, and nothing is left
/// when it ends. Kinds: none, fullcone, arc, prc, sym, udpblock, proxy, v6only; a carrier's NAT after a slash as in
/// prc/sym; +v6, +hairpin and +blackhole added. Links: delay=20ms,jitter=2ms,loss=0.5%,burst=3,rate=20mbit,queue=128k,
/// policer=32k,reorder,down; another direction inwards after a semicolon.
#[derive(Debug, Parser)]
#[command(name = "netlab")]
struct Program {
    #[command(subcommand)]
    task: Task,
}

#[derive(Debug, Subcommand)]
enum Task {
    /// Builds a lab and keeps it up until `down`, or until this process ends.
    Up {
        /// What to call it.
        #[arg(long, default_value = "lab")]
        id: String,
        #[command(flatten)]
        scene: Scene,
    },
    /// Builds a lab, runs shell commands in it, and takes it down when those on the devices have ended.
    Run {
        #[command(flatten)]
        scene: Scene,
        /// Runs on the server at 11.0.0.1 and 2a0f::1, from the beginning to the end.
        #[arg(long, value_name = "COMMAND")]
        in_inet: Option<String>,
        /// Runs on device a; without it, a shell does.
        #[arg(long, value_name = "COMMAND")]
        in_a: Option<String>,
        /// Runs on device b.
        #[arg(long, value_name = "COMMAND")]
        in_b: Option<String>,
        /// What to call it.
        #[arg(long, default_value = "run")]
        id: String,
    },
    /// Runs a program in one namespace of a lab: a, b, inet, router-a, …
    Exec {
        /// The lab.
        id: String,
        /// The namespace.
        node: String,
        /// The program and its arguments.
        #[arg(last = true, required = true)]
        program: Vec<String>,
    },
    /// Tells a lab something: set, links, nodes, readdress, spare, down.
    Tell {
        /// The lab.
        id: String,
        /// What.
        #[arg(required = true)]
        words: Vec<String>,
    },
    /// Takes a lab down.
    Down {
        /// The lab.
        id: String,
    },
}

#[derive(Debug, Args)]
struct Scene {
    /// What device a is behind.
    #[arg(long, default_value = "prc", value_name = "KIND")]
    a: String,
    /// What device b is behind.
    #[arg(long, default_value = "prc", value_name = "KIND")]
    b: String,
    /// What both share: lan, isolated, or cgn.
    #[arg(long, value_name = "WHAT")]
    same: Option<Together>,
    /// A second way out for a, down at first.
    #[arg(long, value_name = "KIND")]
    spare: Option<String>,
    /// The second way out is a tunnel, as a VPN's.
    #[arg(long, requires = "spare")]
    vpn: bool,
    /// How a's link to the internet behaves.
    #[arg(long, value_name = "LINK")]
    wan_a: Option<String>,
    /// How b's does.
    #[arg(long, value_name = "LINK")]
    wan_b: Option<String>,
    /// The largest packet on a's link, in bytes.
    #[arg(long, value_name = "BYTES")]
    mtu_a: Option<u16>,
    /// The largest packet on b's link, in bytes.
    #[arg(long, value_name = "BYTES")]
    mtu_b: Option<u16>,
}

pub(crate) fn main() -> ExitCode {
    match Program::parse().task.perform() {
        Ok(code) => code,
        Err(error) => {
            complain(&error);
            ExitCode::FAILURE
        }
    }
}

#[expect(clippy::print_stderr, reason = "this is a program for people")]
fn complain(error: &anyhow::Error) {
    eprintln!("netlab: {error:#}");
}

#[expect(clippy::print_stdout, reason = "this is a program for people")]
fn say(text: &str) {
    println!("{text}");
}

impl Task {
    fn perform(self) -> Result<ExitCode> {
        match self {
            Self::Up { id, scene } => in_namespaces(|| {
                let control = Control::bind(&id)?;
                let lab = Lab::up(&scene.plan()?)?;
                say(&format!(
                    "{id} is up: {}",
                    lab.names().collect::<Vec<_>>().join(" ")
                ));
                control.serve(&lab)?;
                Ok(ExitCode::SUCCESS)
            }),
            Self::Run {
                scene,
                in_inet,
                in_a,
                in_b,
                id,
            } => in_namespaces(|| {
                let control = Control::bind(&id)?;
                let lab = Lab::up(&scene.plan()?)?;
                run(&lab, &control, &[in_inet, in_a, in_b])
            }),
            Self::Exec { id, node, program } => {
                let status = control::command_in(&id, &node, &program)?.status()?;
                Ok(code(status.code()))
            }
            Self::Tell { id, words } => {
                say(&control::tell(&id, &words.join(" "))?);
                Ok(ExitCode::SUCCESS)
            }
            Self::Down { id } => {
                control::tell(&id, "down")?;
                Ok(ExitCode::SUCCESS)
            }
        }
    }
}

impl Scene {
    fn plan(&self) -> Result<Plan> {
        let mut plan = Plan::between(&self.a, &self.b)?;
        plan.together = self.same;
        plan.a.mtu = self.mtu_a;
        plan.b.mtu = self.mtu_b;
        for (side, link) in [(&mut plan.a, &self.wan_a), (&mut plan.b, &self.wan_b)] {
            if let Some(link) = link {
                let (outwards, inwards) = link.split_once(';').unwrap_or((link, link));
                side.wan = Some((outwards.parse()?, inwards.parse()?));
            }
        }
        if let Some(kind) = &self.spare {
            let spare = Side::of(kind)?;
            plan.spare = Some(Side {
                is_vpn: self.vpn,
                ..spare
            });
        }
        Ok(plan)
    }
}

/// Does `work` in the inner process, and waits for it in the outer one.
fn in_namespaces(work: impl FnOnce() -> Result<ExitCode>) -> Result<ExitCode> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match alone::program(&arguments)? {
        Some(status) => Ok(code(status.code())),
        None => work(),
    }
}

fn run(lab: &Lab, control: &Control, commands: &[Option<String>; 3]) -> Result<ExitCode> {
    let [in_inet, in_a, in_b] = commands;
    thread::scope(|scope| {
        scope.spawn(|| {
            // Without it, only the live changes are missing.
            control.serve(lab).ok();
            std::process::exit(0);
        });
        if let Some(command) = in_inet {
            start(lab, "inet", Some(command))?; // Ends with this process.
        }
        let b = in_b
            .as_ref()
            .map(|command| start(lab, "b", Some(command)))
            .transpose()?;
        let mut status = start(lab, "a", in_a.as_ref())?.wait()?;
        if let Some(mut b) = b {
            let ended = b.wait()?;
            if status.success() {
                status = ended;
            }
        }
        std::process::exit(status.code().unwrap_or(1));
    })
}

fn start(lab: &Lab, node: &str, command: Option<&String>) -> Result<Child> {
    let mut shell: Command = lab.node(node).command("sh");
    match command {
        Some(command) => shell.args(["-c", command]).stdin(Stdio::null()),
        None => shell.arg("-i"),
    };
    shell
        .spawn()
        .with_context(|| format!("a command on {node}"))
}

fn code(code: Option<i32>) -> ExitCode {
    let code = code.and_then(|code| u8::try_from(code).ok());
    ExitCode::from(code.unwrap_or(1))
}
