use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde_json::Value;
use tempfile::TempDir;

use crate::drag::{DragSource, DropTarget};
use crate::process::{Program, output, wait_for};

/// A screen, and a session bus with what a desktop offers there.
#[derive(Debug)]
pub struct Desktop {
    environment: Vec<(String, String)>,
    /// Where the pointer, the keyboard and pictures are, under Wayland too.
    screen: String,
    system: System,
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
        Self::begin(System::X, "1920x1080x24", |runtime, display| {
            let mut manager = Command::new("openbox");
            manager.arg("--sm-disable");
            manager.env("DISPLAY", display);
            manager.env("XDG_RUNTIME_DIR", runtime);
            let manager = Program::start(&mut manager);
            (vec![("DISPLAY".to_owned(), display.to_owned())], manager)
        })
        .with_manager()
    }

    /// A Wayland compositor on a screen of 1,280 × 800, which no program on it knows of: its pointer and its keys are those
    /// of that screen.
    pub fn start_wayland() -> Self {
        Self::begin(System::Wayland, "1280x800x24", |runtime, display| {
            let settings = runtime.join("weston.ini");
            std::fs::write(&settings, PLAIN_COMPOSITOR).expect("the folder is new");
            let mut command = Command::new("weston");
            command.args(["--backend=x11-backend.so", "--idle-time=0"]);
            command.args(["--width=1280", "--height=800", "--socket=wherry-test"]);
            command.arg(format!("--config={}", settings.display()));
            command.env("XDG_RUNTIME_DIR", runtime);
            command.env("DISPLAY", display);
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
            (environment.to_vec(), compositor)
        })
    }

    fn begin(
        system: System,
        size: &str,
        show: impl FnOnce(&Path, &str) -> (Vec<(String, String)>, Program),
    ) -> Self {
        let turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
        let runtime = TempDir::with_prefix("wherry-desktop-").expect("a folder for the desktop");
        let (server, screen) = start_screen(size);
        let (mut environment, shell) = show(runtime.path(), &screen);
        // The first to go is what draws on the screen.
        let mut programs = vec![shell, server];
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
            screen,
            system,
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

    /// What shows windows.
    pub(crate) fn system(&self) -> System {
        self.system
    }

    /// What a program needs to run on it.
    pub(crate) fn environment(&self) -> Vec<(String, String)> {
        self.environment.clone()
    }

    /// Runs a short program on this screen and returns what it printed, or `None` if it failed.
    pub(crate) fn run(&self, program: &str, arguments: &[&str]) -> Option<String> {
        let mut command = Command::new(program);
        command.args(arguments).envs(self.environment());
        command.env("DISPLAY", &self.screen);
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
        let mut arguments = vec![picture, "-crop", &piece, "+repage"];
        arguments.extend(only(colour));
        arguments.extend(["-format", "%[fx:mean]", "info:"]);
        self.run("convert", &arguments)?.parse().ok()
    }

    /// The smallest piece of the screen that holds all of a colour.
    pub(crate) fn place_of_colour(&self, colour: &str) -> Option<Area> {
        let folder = TempDir::with_prefix("wherry-look-").ok()?;
        let picture = folder.path().join("screen.png");
        let picture = picture.to_str()?;
        self.run("import", &["-window", "root", picture])?;
        let mut arguments = vec![picture];
        arguments.extend(only(colour));
        arguments.extend(["-format", "%[fx:maxima] %@", "info:"]);
        let told = self.run("convert", &arguments)?;
        let place = told.strip_prefix("1 ")?;
        let mut numbers = place.split(['x', '+']).map(str::parse);
        let mut next = || numbers.next()?.ok();
        let (width, height) = (next()?, next()?);
        let (x, y) = (next()?, next()?);
        Some(Area {
            x,
            y,
            width,
            height,
        })
    }

    /// Shows a window that files can be dragged out of.
    pub fn drag_source(&self, files: &[&Path]) -> DragSource<'_> {
        DragSource::show(self, files)
    }

    /// Shows a window that files can be dropped into.
    pub fn drop_target(&self) -> DropTarget<'_> {
        DropTarget::show(self)
    }
}

/// What shows windows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum System {
    /// Windows can be named, found and moved from outside.
    X,
    /// Windows are where the compositor put them, and only a look at the screen tells where.
    Wayland,
}

/// A piece of the screen.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Area {
    pub(crate) x: i32,
    pub(crate) y: i32,
    pub(crate) width: i32,
    pub(crate) height: i32,
}

/// What `convert` is told so that a colour becomes white and everything else black.
fn only(colour: &str) -> [&str; 10] {
    [
        "-fuzz", "3%", "-fill", "black", "+opaque", colour, "-fill", "white", "-opaque", colour,
    ]
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

fn start_screen(size: &str) -> (Program, String) {
    let mut command = Command::new("Xvfb");
    command.args(["-displayfd", "1", "-screen", "0", size]);
    command.args(["-nolisten", "tcp", "-noreset"]);
    let screen = Program::start(&mut command);
    let number = screen.wait_for_line("the screen", |line| line.parse::<u32>().is_ok());
    (screen, format!(":{number}"))
}

/// Nothing on it but windows, and nothing that moves by itself.
const PLAIN_COMPOSITOR: &str = "\
[shell]
panel-position=none
background-color=0xff334455
animation=none
startup-animation=none
close-animation=none
locking=false
";
