use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::app::App;
use crate::desktop::Desktop;
use crate::process::{patiently_for, wait_for};

/// Says what a window asks at first.
pub fn first_run(app: &App<'_>) {
    app.press("first-run-start");
    app.page().wait_for_gone("first-run");
}

/// The same with a pointer that perhaps nobody takes notice of; whether the window did.
pub fn try_first_run(app: &App<'_>) -> bool {
    app.press("first-run-start");
    let gone = || (!app.page().shows("first-run")).then_some(());
    patiently_for(CLICK_TIME, gone).is_some()
}

/// Two people who can be reached, each in a half of the screen, who are contacts of each other.
#[derive(Debug)]
pub struct Pair<'a> {
    /// In the left half.
    pub ana: App<'a>,
    /// In the right half.
    pub ben: App<'a>,
}

impl<'a> Pair<'a> {
    /// Opens both windows and makes them contacts.
    pub fn start(desktop: &'a Desktop, server: &str) -> Self {
        let ana = App::left(desktop, "Ana", server);
        let ben = App::right(desktop, "Ben", server);
        first_run(&ana);
        first_run(&ben);
        pair(desktop, &ana, &ben);
        Self { ana, ben }
    }

    /// A file of Ana's.
    pub fn file(&self, name: &str, content: &[u8]) -> PathBuf {
        let path = self.ana.path("outbox").join(name);
        let folder = path.parent().expect("it lies in the outbox");
        std::fs::create_dir_all(folder).expect("a folder for files");
        std::fs::write(&path, content).expect("the file is written");
        path
    }

    /// Drags files of Ana's onto somebody's card and lets go.
    pub fn drag(&self, desktop: &Desktop, files: &[&Path], to: &str) {
        self.ana.raise();
        let source = desktop.drag_source(files);
        let card = self.ana.place_of("[data-drop]", to);
        source.hold_over(card);
        source.tremble(card);
        self.ana.page().wait_for("veil");
        source.drop_here();
    }

    /// Waits until a file of Ana's is at Ben's, byte for byte.
    pub fn wait_for_same(&self, sent: &Path, name: &str) {
        let arrived = self.ben.downloads().join(name);
        wait_for(&format!("{name} at Ben's"), || {
            let same = std::fs::read(sent).ok()? == std::fs::read(&arrived).ok()?;
            same.then_some(())
        });
    }
}

/// Makes two people contacts as they would: one reads a code aloud, the other types it, both compare words.
pub fn pair(desktop: &Desktop, shows: &App<'_>, types: &App<'_>) {
    shows.press("place-add");
    shows.press("show-code");
    let code = shows.page().text_of("issued-code");
    types.press("place-add");
    types.fill("enter-code", &code);
    desktop.press("Return");
    for app in [shows, types] {
        app.page().wait_for("comparison-words");
    }
    assert_eq!(words(shows), words(types));
    shows.picture("compare-words");
    for app in [shows, types] {
        app.press("words-same");
    }
    for (app, other) in [(shows, types), (types, shows)] {
        app.page()
            .wait_for_text(&format!("{} is your contact", other.name()));
        app.press("place-people");
        app.page().place_of("[data-testid=person]", other.name());
        app.page().wait_for_text("reachable");
    }
}

fn words(app: &App<'_>) -> Vec<String> {
    wait_for("six words", || {
        let script = "return [...document.querySelectorAll('[data-testid=comparison-words] li')].map((it) => it.innerText)";
        let words = app.page().try_run(script, &[]).ok()?;
        let words: Vec<String> = serde_json::from_value(words).ok()?;
        (words.len() == 6).then_some(words)
    })
}

/// For a click to show.
const CLICK_TIME: Duration = Duration::from_secs(10);
