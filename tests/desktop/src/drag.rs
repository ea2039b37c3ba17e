use std::path::Path;
use std::process::Command;
use std::time::Duration;

use crate::desktop::{Area, Desktop, System, origin, tool};
use crate::process::{Program, wait_for};

/// Another program's window with files in it.
#[derive(Debug)]
pub struct DragSource<'a> {
    desktop: &'a Desktop,
    program: Program,
    at: (i32, i32),
}

impl<'a> DragSource<'a> {
    pub(crate) fn show(desktop: &'a Desktop, files: &[&Path]) -> Self {
        let mut command = Command::new("/usr/bin/python3");
        command
            .arg(tool("drag_source.py"))
            .args([TITLE, "20", "940"])
            .args(files)
            .envs(desktop.environment())
            .env("GDK_SCALE", "1");
        let program = Program::start(&mut command);
        program.wait_for_line("the window to drag from", |line| line == "ready");
        let at = match desktop.system() {
            System::X => wait_for("the place to drag from", || middle_of(desktop, TITLE)),
            System::Wayland => put_aside(desktop),
        };
        Self {
            desktop,
            program,
            at,
        }
    }

    /// Takes the files and holds them at a place.
    pub fn hold_over(&self, to: (i32, i32)) {
        pull(self.desktop, self.at, to);
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
}

/// Another program's window that takes files, under X.
#[derive(Debug)]
pub struct DropTarget<'a> {
    desktop: &'a Desktop,
    program: Program,
    at: (i32, i32),
}

impl<'a> DropTarget<'a> {
    pub(crate) fn show(desktop: &'a Desktop) -> Self {
        let mut command = Command::new("/usr/bin/python3");
        command
            .arg(tool("drop_target.py"))
            .args([TARGET_TITLE, "20", "940"])
            .envs(desktop.environment())
            .env("GDK_SCALE", "1");
        let program = Program::start(&mut command);
        program.wait_for_line("the window to drop into", |line| line == "ready");
        let at = wait_for("the place to drop at", || middle_of(desktop, TARGET_TITLE));
        Self {
            desktop,
            program,
            at,
        }
    }

    /// Drags what lies at a place into the window, and lets go; the URIs of what came.
    pub fn take(&self, from: (i32, i32), files: usize) -> Vec<String> {
        pull(self.desktop, from, self.at);
        self.desktop.point((self.at.0 + 2, self.at.1 + 2));
        self.program
            .wait_for_line("files over the window", |line| line == "over");
        self.desktop.run("xdotool", &["mouseup", "1"]);
        wait_for("the files that were dropped", || {
            let said = self.program.said().into_iter();
            let uris: Vec<String> = said.filter(|it| it.starts_with("file:")).collect();
            (uris.len() == files).then_some(uris)
        })
    }
}

/// Presses at one place and moves the pointer to another one, as a hand does.
fn pull(desktop: &Desktop, from: (i32, i32), to: (i32, i32)) {
    desktop.point(from);
    std::thread::sleep(PAUSE);
    desktop.run("xdotool", &["mousedown", "1"]);
    std::thread::sleep(PAUSE);
    let steps = 12;
    for step in 1..=steps {
        let between = |from: i32, to: i32| from + (to - from) * step / steps;
        desktop.point((between(from.0, to.0), between(from.1, to.1)));
        std::thread::sleep(STEP_TIME);
    }
}

/// The middle of a small window.
fn middle_of(desktop: &Desktop, title: &str) -> Option<(i32, i32)> {
    let windows = desktop.run("xdotool", &["search", "--onlyvisible", "--name", title])?;
    let (x, y) = origin(desktop, windows.lines().last()?)?;
    Some((x + 60, y + 40))
}

/// Moves the window into a corner, with the compositor's own key: it may have come up over what files are to be dragged onto.
fn put_aside(desktop: &Desktop) -> (i32, i32) {
    let from = wait_for("the place to drag from", || middle_of_source(desktop));
    desktop.point(from);
    desktop.run("xdotool", &["keydown", "super", "mousedown", "1"]);
    desktop.point(((from.0 + CORNER.0) / 2, (from.1 + CORNER.1) / 2));
    desktop.point(CORNER);
    desktop.run("xdotool", &["mouseup", "1", "keyup", "super"]);
    wait_for("the window in its corner", || {
        let now = middle_of_source(desktop)?;
        (now.0.abs_diff(CORNER.0) < 20 && now.1.abs_diff(CORNER.1) < 20).then_some(now)
    })
}

fn middle_of_source(desktop: &Desktop) -> Option<(i32, i32)> {
    let Area {
        x,
        y,
        width,
        height,
    } = desktop.place_of_colour(COLOUR)?;
    Some((x + width / 2, y + height / 2))
}

const TITLE: &str = "wherry-drag-source";
const TARGET_TITLE: &str = "wherry-drop-target";
/// What nothing else on the screen is painted with; `drag_source.py` paints its window so.
const COLOUR: &str = "#C71585";
/// Where the window is out of the way.
const CORNER: (i32, i32) = (90, 740);
/// Before and after a button goes down.
const PAUSE: Duration = Duration::from_millis(150);
/// Between the steps of a drag: programs look where the pointer is.
const STEP_TIME: Duration = Duration::from_millis(40);
