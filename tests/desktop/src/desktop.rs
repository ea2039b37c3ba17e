use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde_json::Value;
use tempfile::TempDir;

use crate::process::{Program, output, wait_for};

/// A screen, and a session bus with what a desktop offers there.
#[derive(Debug)]
pub struct Desktop {
    environment: Vec<(String, String)>,
    services: Program,
    _programs: Vec<Program>,
    _runtime: TempDir,
    _turn: MutexGuard<'static, ()>,
}

/// Screens take turns: several at once would only be slower.
static TURN: Mutex<()> = Mutex::new(());

impl Desktop {
    /// A screen of 1,920 × 1,080 under X.
    pub fn start() -> Self {
        Self::begin(|runtime| {
            let (screen, display) = start_screen();
            let environment = vec![("DISPLAY".to_owned(), display)];
            let mut manager = Command::new("openbox");
            manager.arg("--sm-disable");
            manager.env("DISPLAY", &environment[0].1);
            manager.env("XDG_RUNTIME_DIR", runtime);
            (environment, vec![screen, Program::start(&mut manager)])
        })
        .with_manager()
    }

    /// A Wayland compositor without a screen or a pointer.
    pub fn start_wayland() -> Self {
        Self::begin(|runtime| {
            let mut command = Command::new("weston");
            command.args(["--backend=headless-backend.so", "--idle-time=0"]);
            command.args(["--width=1280", "--height=800", "--socket=wherry-test"]);
            command.env("XDG_RUNTIME_DIR", runtime);
            let compositor = Program::start(&mut command);
            wait_for("the compositor", || {
                runtime.join("wherry-test").exists().then_some(())
            });
            let environment = [
                ("WAYLAND_DISPLAY", "wherry-test"),
                ("GDK_BACKEND", "wayland"),
                ("DISPLAY", ""),
            ];
            let environment = environment.map(|(key, value)| (key.to_owned(), value.to_owned()));
            (environment.to_vec(), vec![compositor])
        })
    }

    fn begin(show: impl FnOnce(&Path) -> (Vec<(String, String)>, Vec<Program>)) -> Self {
        let turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
        let runtime = TempDir::with_prefix("wherry-desktop-").expect("a folder for the desktop");
        let (mut environment, mut programs) = show(runtime.path());
        let mut bus = Command::new("dbus-daemon");
        bus.args(["--session", "--nofork", "--print-address"]);
        let bus = Program::start(&mut bus);
        let address = bus.wait_for_line("the bus", |line| line.starts_with("unix:"));
        programs.push(bus);
        let folder = runtime.path().display().to_string();
        environment.push(("DBUS_SESSION_BUS_ADDRESS".to_owned(), address));
        environment.push(("XDG_RUNTIME_DIR".to_owned(), folder));
        let mut services = Command::new("/usr/bin/python3");
        services.arg(tool("desktop_services.py"));
        services.envs(environment.iter().cloned());
        let services = Program::start(&mut services);
        services.wait_for_line("the desktop's services", |line| line.contains("\"ready\""));
        Self {
            environment,
            services,
            _programs: programs,
            _runtime: runtime,
            _turn: turn,
        }
    }

    fn with_manager(self) -> Self {
        wait_for("the window manager", || {
            let root = self.run("xprop", &["-root", "_NET_SUPPORTING_WM_CHECK"])?;
            root.contains("window id").then_some(())
        });
        self
    }

    /// Whether windows can be found, moved and pointed at.
    pub(crate) fn has_pointer(&self) -> bool {
        !self
            .environment
            .iter()
            .any(|(key, _)| key == "WAYLAND_DISPLAY")
    }

    /// What a program needs to run on it.
    pub(crate) fn environment(&self) -> Vec<(String, String)> {
        self.environment.clone()
    }

    /// Runs a short program on this screen and returns what it printed, or `None` if it failed.
    pub(crate) fn run(&self, program: &str, arguments: &[&str]) -> Option<String> {
        let mut command = Command::new(program);
        command.args(arguments).envs(self.environment());
        output(&mut command)
    }

    /// Moves the pointer.
    pub fn point(&self, (x, y): (i32, i32)) {
        self.run(
            "xdotool",
            &["mousemove", "--sync", &x.to_string(), &y.to_string()],
        );
    }

    /// Presses the first button once.
    pub fn click(&self, at: (i32, i32)) {
        self.point(at);
        self.run("xdotool", &["click", "1"]);
    }

    /// Types on the keyboard.
    pub fn type_text(&self, text: &str) {
        self.run("xdotool", &["type", "--delay", "12", "--", text]);
    }

    /// Presses a key, like `Return` or `ctrl+l`.
    pub fn press(&self, key: &str) {
        self.run("xdotool", &["key", "--clearmodifiers", key]);
    }

    /// The notifications that were shown until now.
    pub fn notifications(&self) -> Vec<Value> {
        let said = self.services.said();
        let events = said
            .iter()
            .filter_map(|line| serde_json::from_str(line).ok());
        events
            .filter(|event: &Value| event["event"] == "notify")
            .collect()
    }

    /// Presses the button of a notification.
    pub fn press_notification(&self, notification: &Value) {
        let number = &notification["id"];
        self.services.tell(&format!("press {number} show"));
    }

    /// Everything that was put into the tray: the bus name of its program and its path.
    pub(crate) fn trays(&self) -> Vec<(String, String)> {
        let said = self.services.said();
        let events = said
            .iter()
            .filter_map(|line| serde_json::from_str(line).ok());
        events
            .filter(|event: &Value| event["event"] == "tray")
            .filter_map(|event| {
                let text = |key: &str| event[key].as_str().map(str::to_owned);
                Some((text("sender")?, text("path")?))
            })
            .collect()
    }

    /// Keeps a picture of the whole screen.
    pub fn picture(&self, name: &str) {
        let path = picture_path(name);
        let path = path.to_str().expect("the path of a build is text");
        assert!(
            self.run("import", &["-window", "root", path]).is_some(),
            "the screen has a picture"
        );
    }

    /// Which part of a piece of the screen has a colour, from 0 to 1.
    pub(crate) fn part_of_colour(&self, area: Area, colour: &str) -> Option<f64> {
        let Area {
            x,
            y,
            width,
            height,
        } = area;
        let folder = TempDir::with_prefix("wherry-look-").ok()?;
        let picture = folder.path().join("screen.png");
        let picture = picture.to_str()?;
        self.run("import", &["-window", "root", picture])?;
        let piece = format!("{width}x{height}+{x}+{y}");
        let mut arguments = vec![picture, "-crop", &piece, "+repage", "-fuzz", "3%"];
        arguments.extend(["-fill", "white", "-opaque", colour]);
        arguments.extend(["-fuzz", "0%", "-fill", "black", "+opaque", "white"]);
        arguments.extend(["-format", "%[fx:mean]", "info:"]);
        self.run("convert", &arguments)?.parse().ok()
    }

    /// Shows a window that files can be dragged out of.
    pub fn drag_source(&self, files: &[&Path]) -> DragSource<'_> {
        DragSource::show(self, files)
    }
}

/// A piece of the screen.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Area {
    pub(crate) x: i32,
    pub(crate) y: i32,
    pub(crate) width: i32,
    pub(crate) height: i32,
}

/// Another program's window with files in it.
#[derive(Debug)]
pub struct DragSource<'a> {
    desktop: &'a Desktop,
    program: Program,
    at: (i32, i32),
}

impl<'a> DragSource<'a> {
    fn show(desktop: &'a Desktop, files: &[&Path]) -> Self {
        let mut command = Command::new("/usr/bin/python3");
        command
            .arg(tool("drag_source.py"))
            .args([TITLE, "20", "940"])
            .args(files)
            .envs(desktop.environment())
            .env("GDK_SCALE", "1");
        let program = Program::start(&mut command);
        program.wait_for_line("the window to drag from", |line| line == "ready");
        let at = wait_for("the place to drag from", || {
            let windows = desktop.run("xdotool", &["search", "--onlyvisible", "--name", TITLE])?;
            let (x, y) = origin(desktop, windows.lines().last()?)?;
            Some((x + 60, y + 40))
        });
        Self {
            desktop,
            program,
            at,
        }
    }

    /// Takes the files and holds them at a place.
    pub fn hold_over(&self, to: (i32, i32)) {
        self.desktop.point(self.at);
        self.pause();
        self.desktop.run("xdotool", &["mousedown", "1"]);
        self.pause();
        let steps = 12;
        for step in 1..=steps {
            let between = |from: i32, to: i32| from + (to - from) * step / steps;
            self.desktop
                .point((between(self.at.0, to.0), between(self.at.1, to.1)));
            std::thread::sleep(STEP_TIME);
        }
        self.program
            .wait_for_line("the drag", |line| line == "begin");
    }

    /// Moves a little, as hands do.
    pub fn tremble(&self, (x, y): (i32, i32)) {
        self.desktop.point((x + 2, y + 2));
        self.desktop.point((x, y));
    }

    /// Lets go.
    pub fn drop_here(&self) {
        self.desktop.run("xdotool", &["mouseup", "1"]);
        self.program
            .wait_for_line("the end of the drag", |line| line == "end");
    }

    fn pause(&self) {
        std::thread::sleep(Duration::from_millis(150));
    }
}

/// Where a window's inside begins; what xdotool says counts the frame twice.
pub(crate) fn origin(desktop: &Desktop, window: &str) -> Option<(i32, i32)> {
    let told = desktop.run("xwininfo", &["-id", window])?;
    let number = |label: &str| -> Option<i32> {
        let line = told.lines().find(|line| line.contains(label))?;
        line.rsplit(' ').next()?.parse().ok()
    };
    Some((
        number("Absolute upper-left X:")?,
        number("Absolute upper-left Y:")?,
    ))
}

/// Where pictures stay.
pub(crate) fn picture_path(name: &str) -> PathBuf {
    let test = std::env::current_exe().expect("a test has a path");
    let target = test.ancestors().nth(3).expect("tests lie in target/…/deps");
    let folder = target.join("desktop-pictures");
    std::fs::create_dir_all(&folder).expect("a folder for pictures");
    folder.join(format!("{name}.png"))
}

pub(crate) fn tool(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tools")
        .join(name)
}

fn start_screen() -> (Program, String) {
    let mut command = Command::new("Xvfb");
    command.args(["-displayfd", "1", "-screen", "0", "1920x1080x24"]);
    command.args(["-nolisten", "tcp", "-noreset"]);
    let screen = Program::start(&mut command);
    let number = screen.wait_for_line("the screen", |line| line.parse::<u32>().is_ok());
    (screen, format!(":{number}"))
}

const TITLE: &str = "wherry-drag-source";
/// Between the steps of a drag: programs look where the pointer is.
const STEP_TIME: Duration = Duration::from_millis(40);
