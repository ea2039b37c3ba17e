use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use tempfile::TempDir;

use crate::costs::Costs;
use crate::desktop::{Area, Desktop, System, origin, picture_path};
use crate::driver::{Page, Rect, named};
use crate::process::{has_ended, output, patiently_for, wait_for};

/// How many pixels of the screen one of the page is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scale {
    /// One.
    Single,
    /// Two by two.
    Double,
}

/// A person's window, and the home behind it.
#[derive(Debug)]
pub struct App<'a> {
    desktop: &'a Desktop,
    folder: TempDir,
    name: &'static str,
    settings: Vec<(String, String)>,
    scale: Scale,
    place: Place,
    page: Option<Page>,
}

/// Where a window stands.
#[derive(Debug, Clone, Copy)]
struct Place {
    x: i32,
    y: i32,
    width: i32,
    height: i32,
}

impl<'a> App<'a> {
    /// A window in the left half of the screen.
    pub fn left(desktop: &'a Desktop, name: &'static str, server: &str) -> Self {
        Self::start(desktop, name, server, (Scale::Single, LEFT))
    }

    /// A window in the right half of the screen.
    pub fn right(desktop: &'a Desktop, name: &'static str, server: &str) -> Self {
        Self::start(desktop, name, server, (Scale::Single, RIGHT))
    }

    /// A window whose pixels are two by two.
    pub fn sharp(desktop: &'a Desktop, name: &'static str, server: &str) -> Self {
        Self::start(desktop, name, server, (Scale::Double, SHARP))
    }

    /// A window in the left half of the screen, under a policy.
    pub fn under(desktop: &'a Desktop, name: &'static str, server: &str, policy: &str) -> Self {
        let mut app = Self::closed(desktop, name, server, (Scale::Single, LEFT));
        let file = app.path("policy.toml");
        std::fs::write(&file, policy).expect("the folder is new");
        let file = file.display().to_string();
        app.settings.push(("WHERRY_POLICY".to_owned(), file));
        app.open(&[]);
        app
    }

    fn start(desktop: &'a Desktop, name: &'static str, server: &str, look: (Scale, Place)) -> Self {
        let mut app = Self::closed(desktop, name, server, look);
        app.open(&[]);
        app
    }

    fn closed(
        desktop: &'a Desktop,
        name: &'static str,
        server: &str,
        (scale, place): (Scale, Place),
    ) -> Self {
        let folder = TempDir::with_prefix("wherry-window-").expect("a folder for a person");
        for part in ["home", "Downloads", "data", "config", "cache"] {
            std::fs::create_dir(folder.path().join(part)).expect("the folder is new");
        }
        std::fs::write(
            folder.path().join("config/user-dirs.dirs"),
            "XDG_DOWNLOAD_DIR=\"$HOME/Downloads\"\n",
        )
        .expect("the folder is new");
        let settings = [
            ("WHERRY_SERVER", server),
            ("WHERRY_DISK_RESERVE_BYTES", "0"),
            ("WHERRY_LAN_VISIBILITY", "nobody"),
        ]
        .map(|(key, value)| (key.to_owned(), value.to_owned()));
        Self {
            desktop,
            folder,
            name,
            settings: settings.to_vec(),
            scale,
            place,
            page: None,
        }
    }

    /// What the person is called.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// A place of this person for files.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Where received things go.
    pub fn downloads(&self) -> PathBuf {
        self.path("Downloads")
    }

    /// What is on the page.
    ///
    /// # Panics
    /// When the window is not open.
    pub fn page(&self) -> &Page {
        self.page.as_ref().expect("the window is open")
    }

    /// Opens the window.
    pub fn open(&mut self, arguments: &[String]) {
        let page = Page::open(&e2e::binary("wherry-app"), arguments, &self.environment());
        self.page = Some(page);
        self.arrange();
    }

    /// Ends the program at once, as `kill -9` does.
    pub fn kill(&mut self) {
        let id = self.page().program_id();
        output(Command::new("kill").args(["-KILL", &id.to_string()]));
        if let Some(mut page) = self.page.take() {
            page.kill();
        }
        // One that is still dying would be taken for the one that runs already.
        wait_for("the program's end", || has_ended(id).then_some(()));
    }

    /// Starts the program a second time, as a link or the file manager does; returns whether it ended well.
    pub fn start_again(&self, arguments: &[&str]) -> bool {
        let mut command = Command::new(e2e::binary("wherry-app"));
        command
            .args(arguments)
            .env_remove("TAURI_WEBVIEW_AUTOMATION")
            .envs(self.environment());
        command.env("TAURI_WEBVIEW_AUTOMATION", "false");
        output(&mut command).is_some()
    }

    /// Asks the engine behind the window through the command line; it attaches to it.
    pub fn command_line(&self, arguments: &[&str]) -> String {
        let mut command = Command::new(e2e::binary("wherry"));
        command.args(arguments).envs(self.environment());
        output(&mut command).unwrap_or_else(|| panic!("wherry {arguments:?} failed"))
    }

    /// The middle of something on the page, as a place on the screen.
    pub fn place_of(&self, selector: &str, words: &str) -> (i32, i32) {
        let rect = self.page().place_of(selector, words);
        self.on_screen(rect)
    }

    /// Waits until a good part of something on the page has a colour, on the screen itself.
    pub fn wait_for_colour(&self, selector: &str, words: &str, colour: &str) {
        let rect = self.page().place_of(selector, words);
        let scale = self.pixels();
        let (x, y) = self.on_screen(Rect {
            width: 0.0,
            height: 0.0,
            ..rect
        });
        let area = Area {
            x,
            y,
            width: whole(rect.width * scale),
            height: whole(rect.height * scale),
        };
        wait_for(&format!("{colour} at {area:?}"), || {
            let part = self.desktop.part_of_colour(area, colour)?;
            (part > GOOD_PART).then_some(())
        });
    }

    /// A place on the page, as one on the screen.
    pub fn on_screen(&self, rect: Rect) -> (i32, i32) {
        let (left, top) = match self.desktop.system() {
            System::X => wait_for("the window's place", || {
                origin(self.desktop, &self.window()?)
            }),
            System::Wayland => self.below_the_title(),
        };
        let scale = self.pixels();
        let middle = |start: f64, length: f64| whole((start + length / 2.0) * scale);
        (
            left + middle(rect.x, rect.width),
            top + middle(rect.y, rect.height),
        )
    }

    /// Clicks on something.
    pub fn click(&self, selector: &str, words: &str) {
        self.raise();
        self.desktop.click(self.place_of(selector, words));
    }

    /// Clicks on what the page names so for tests.
    pub fn press(&self, name: &str) {
        self.click(&named(name), "");
    }

    /// Clicks into a field and types there.
    pub fn fill(&self, name: &str, text: &str) {
        self.press(name);
        self.desktop.press("ctrl+a");
        self.desktop.type_text(text);
    }

    /// Brings the window to the front.
    pub fn raise(&self) {
        if self.desktop.system() == System::Wayland {
            return;
        }
        let window = wait_for("a window", || self.window());
        self.desktop
            .run("xdotool", &["windowactivate", "--sync", &window]);
    }

    /// Whether the program is over.
    pub fn has_ended(&self) -> bool {
        self.page().try_program_id().is_none()
    }

    /// What the program and its pages cost now.
    pub fn costs(&self) -> Costs {
        Costs::of(self.page().program_id())
    }

    /// The process behind the page.
    pub fn page_process(&self) -> u32 {
        wait_for("the page's process", || self.try_page_process())
    }

    /// The process behind the page, if there is one now.
    pub fn try_page_process(&self) -> Option<u32> {
        let program = self.page().try_program_id()?.to_string();
        let mut command = Command::new("pgrep");
        command.args(["-P", &program, "-f", "WebKitWebProcess"]);
        output(&mut command)?.lines().next()?.parse().ok()
    }

    /// Whether the window is on the screen.
    pub fn is_shown(&self) -> bool {
        self.window().is_some()
    }

    /// Names a file or a folder in the dialog that has opened, with the keyboard.
    pub fn choose_in_dialog(&self, file: &Path) {
        wait_for("a dialog", || {
            let mut titles = DIALOGS.iter();
            titles.any(|it| self.has_active(it)).then_some(())
        });
        self.desktop.press("ctrl+l");
        let path = file.to_str().expect("the path of a test is text");
        self.desktop.type_text(path);
        // The dialog looks for the file while its name is typed, and takes no key that ends it before it is found.
        wait_for("the dialog's end", || {
            self.desktop.press("Return");
            patiently_for(DIALOG_TIME, || self.has_active("Wherry").then_some(()))
        });
    }

    fn has_active(&self, title: &str) -> bool {
        let active = ["getactivewindow", "getwindowname"];
        self.desktop
            .run("xdotool", &active)
            .is_some_and(|it| it == title)
    }

    /// Has the window manager close the window.
    pub fn close_window(&self) {
        self.raise();
        self.desktop.press("alt+F4");
    }

    /// Keeps a picture of the page.
    pub fn picture(&self, name: &str) {
        self.page().settle();
        let picture = wait_for("a picture", || self.page().picture());
        std::fs::write(picture_path(name), picture).expect("the picture is kept");
    }

    /// How many pixels of the screen one of the page is.
    fn pixels(&self) -> f64 {
        match self.scale {
            Scale::Single => 1.0,
            Scale::Double => 2.0,
        }
    }

    fn arrange(&self) {
        match self.desktop.system() {
            System::X => self.put_in_place(),
            System::Wayland => self.maximise(),
        }
    }

    /// Has the compositor give the window all of the screen, so that it is known where it is.
    fn maximise(&self) {
        wait_for("a window as wide as the screen", || {
            let width = "return window.innerWidth === screen.width";
            if self.page().try_run(width, &[]).ok()? == true {
                return Some(());
            }
            self.desktop.press("super+shift+m");
            patiently_for(DIALOG_TIME, || {
                (self.page().try_run(width, &[]).ok()? == true).then_some(())
            })
        });
    }

    /// Where the page of a window begins that has all of the screen.
    fn below_the_title(&self) -> (i32, i32) {
        let title = "return screen.height - window.innerHeight";
        let height = wait_for("the page's height", || {
            self.page().try_run(title, &[]).ok()?.as_f64()
        });
        (0, whole(height))
    }

    fn put_in_place(&self) {
        let window = wait_for("a window", || self.window());
        let Place {
            x,
            y,
            width,
            height,
        } = self.place;
        let [x, y, width, height] = [x, y, width, height].map(|it| it.to_string());
        self.desktop.run(
            "xdotool",
            &["windowsize", "--sync", &window, &width, &height],
        );
        self.desktop
            .run("xdotool", &["windowmove", "--sync", &window, &x, &y]);
    }

    fn window(&self) -> Option<String> {
        let id = self.page.as_ref()?.program_id().to_string();
        let search = [
            "search",
            "--onlyvisible",
            "--all",
            "--pid",
            &id,
            "--name",
            "Wherry",
        ];
        let found = self.desktop.run("xdotool", &search)?;
        found.lines().last().map(str::to_owned)
    }

    fn environment(&self) -> Vec<(String, String)> {
        let mut environment = self.desktop.environment();
        let folder = |name: &str| self.folder.path().join(name).display().to_string();
        let own = [
            ("WHERRY_HOME", folder("home")),
            ("WHERRY_DEVICE_NAME", self.name.to_owned()),
            ("HOME", self.folder.path().display().to_string()),
            ("XDG_DATA_HOME", folder("data")),
            ("XDG_CONFIG_HOME", folder("config")),
            ("XDG_CACHE_HOME", folder("cache")),
            ("LANG", "C.UTF-8".to_owned()),
            ("GTK_USE_PORTAL", "0".to_owned()),
            ("NO_AT_BRIDGE", "1".to_owned()),
            ("TAURI_WEBVIEW_AUTOMATION", "true".to_owned()),
            // The driver's pictures are empty when a graphics driver draws.
            ("WEBKIT_SKIA_ENABLE_CPU_RENDERING", "1".to_owned()),
        ];
        environment.extend(own.map(|(key, value)| (key.to_owned(), value)));
        environment.extend(self.settings.iter().cloned());
        if self.scale == Scale::Double {
            environment.push(("GDK_SCALE".to_owned(), "2".to_owned()));
        }
        environment
    }
}

impl Drop for App<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let name = format!("failed-{}", self.name);
            if let Some(picture) = self.page.as_ref().and_then(Page::picture) {
                std::fs::write(picture_path(&name), picture).ok();
            }
        }
    }
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "places on a screen are small numbers"
)]
fn whole(value: f64) -> i32 {
    value.round() as i32
}

/// What the dialogs for files and for folders are called.
const DIALOGS: [&str; 2] = ["Open File", "Select Folder"];
/// After it a dialog that is still there did not take the key.
const DIALOG_TIME: Duration = Duration::from_secs(3);
/// What letters leave of the colour behind them.
const GOOD_PART: f64 = 0.6;
const LEFT: Place = Place {
    x: 0,
    y: 0,
    width: 940,
    height: 840,
};
const RIGHT: Place = Place {
    x: 960,
    y: 0,
    width: 940,
    height: 840,
};
const SHARP: Place = Place {
    x: 0,
    y: 0,
    width: 1_880,
    height: 880,
};
