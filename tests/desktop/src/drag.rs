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
            System::X => wait_for("the place to drag from", || {
                let windows =
                    desktop.run("xdotool", &["search", "--onlyvisible", "--name", TITLE])?;
                let (x, y) = origin(desktop, windows.lines().last()?)?;
                Some((x + 60, y + 40))
            }),
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
/// What nothing else on the screen is painted with; `drag_source.py` paints its window so.
const COLOUR: &str = "#C71585";
/// Where the window is out of the way.
const CORNER: (i32, i32) = (90, 740);
/// Between the steps of a drag: programs look where the pointer is.
const STEP_TIME: Duration = Duration::from_millis(40);
