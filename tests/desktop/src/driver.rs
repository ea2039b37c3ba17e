use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use data_encoding::BASE64;
use serde_json::{Value, json};

use crate::process::{Program, patiently, wait_for};

/// WebKit's driver and the one page that it looks into.
#[derive(Debug)]
pub struct Page {
    driver: Program,
    port: u16,
    session: String,
}

/// A place on a page, in CSS pixels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rect {
    pub(crate) x: f64,
    pub(crate) y: f64,
    pub(crate) width: f64,
    pub(crate) height: f64,
}

impl Page {
    /// Starts a program with a page in it. The driver hands its environment on.
    pub(crate) fn open(
        program: &Path,
        arguments: &[String],
        environment: &[(String, String)],
    ) -> Self {
        let port = free_port();
        let driver = Program::start(
            Command::new("WebKitWebDriver")
                .arg(format!("--port={port}"))
                .envs(environment.iter().map(|(key, value)| (key, value))),
        );
        wait_for("the driver", || {
            TcpStream::connect(("127.0.0.1", port)).ok()
        });
        let wish = json!({ "capabilities": { "alwaysMatch": { "webkitgtk:browserOptions": {
            "binary": program, "args": arguments,
        } } } });
        let begun = request(port, "POST", "/session", Some(&wish))
            .unwrap_or_else(|error| panic!("no page: {error}; {:#?}", driver.said()));
        let session = begun["sessionId"].as_str().expect("a session has a name");
        Self {
            port,
            session: session.to_owned(),
            driver,
        }
    }

    /// The process id of the program.
    pub(crate) fn program_id(&self) -> u32 {
        self.try_program_id()
            .expect("the driver started the program")
    }

    /// The process id of the program, while it runs.
    pub(crate) fn try_program_id(&self) -> Option<u32> {
        let driver = self.driver.id().to_string();
        let mut command = Command::new("pgrep");
        command.args(["-P", &driver, "--runstates", "RSDI"]);
        crate::process::output(&mut command)?
            .lines()
            .next()?
            .parse()
            .ok()
    }

    /// What the program and the driver wrote.
    pub fn said(&self) -> Vec<String> {
        self.driver.said()
    }

    /// Loads the page anew, as F5 does in a browser.
    ///
    /// # Panics
    /// When the page is gone.
    pub fn reload(&self) {
        let reloaded = self.request("POST", "/refresh", Some(&json!({})));
        assert!(reloaded.is_ok(), "the page cannot be loaded: {reloaded:?}");
    }

    /// Runs a function body in the page.
    ///
    /// # Errors
    /// When the page is gone, or the body throws.
    pub fn try_run(&self, body: &str, arguments: &[Value]) -> Result<Value, String> {
        let command = json!({ "script": body, "args": arguments });
        self.request("POST", "/execute/sync", Some(&command))
    }

    /// The text that people see.
    pub fn text(&self) -> String {
        let text = self.try_run("return document.body.innerText", &[]);
        text.ok()
            .and_then(|text| text.as_str().map(str::to_owned))
            .unwrap_or_default()
    }

    /// What something that the page names so says, once it says anything.
    pub fn text_of(&self, name: &str) -> String {
        let script = "return document.querySelector(arguments[0])?.innerText ?? ''";
        wait_for(&format!("words in {name}"), || {
            let text = self.try_run(script, &[named(name).into()]).ok()?;
            text.as_str().filter(|it| !it.is_empty()).map(str::to_owned)
        })
    }

    /// Waits for words on the page.
    ///
    /// # Panics
    /// When they do not come, with what is there instead.
    pub fn wait_for_text(&self, words: &str) {
        let seen = patiently(|| self.text().contains(words).then_some(()));
        assert!(seen.is_some(), "no \"{words}\" in:\n{}", self.text());
    }

    /// Waits until words have gone from the page.
    ///
    /// # Panics
    /// When they stay.
    pub fn wait_for_no_text(&self, words: &str) {
        let gone = patiently(|| (!self.text().contains(words)).then_some(()));
        assert!(gone.is_some(), "\"{words}\" is still in:\n{}", self.text());
    }

    /// Waits for what the page names so for tests.
    ///
    /// # Panics
    /// When it does not come.
    pub fn wait_for(&self, name: &str) {
        let look = || self.try_place_of(&named(name), "").map(|_| ());
        wait_for_page(self, name, look);
    }

    /// Presses a button from within, where there is no pointer.
    pub fn press(&self, name: &str) {
        self.wait_for(name);
        let script = "document.querySelector(arguments[0]).click()";
        self.try_run(script, &[named(name).into()])
            .unwrap_or_else(|error| panic!("{name} cannot be pressed: {error}"));
    }

    /// Waits until what the page names so is gone.
    ///
    /// # Panics
    /// When it stays.
    pub fn wait_for_gone(&self, name: &str) {
        let look = || (!self.shows(name)).then_some(());
        wait_for_page(self, &format!("end of {name}"), look);
    }

    /// Whether something is there now.
    pub fn shows(&self, name: &str) -> bool {
        self.try_place_of(&named(name), "").is_some()
    }

    /// Waits until there is a transfer that stands so.
    pub fn wait_for_transfer(&self, state: &str) {
        let look = || self.try_place_of(&transfer(state), "").map(|_| ());
        wait_for_page(self, &format!("{state} transfer"), look);
    }

    /// Where something is, once it stands still: a selector, and words that it says or is called by.
    ///
    /// # Panics
    /// When it does not come.
    pub fn place_of(&self, selector: &str, words: &str) -> Rect {
        let mut before = None;
        wait_for_page(self, &format!("{selector} with \"{words}\""), || {
            let now = self.try_place_of(selector, words)?;
            let stands = before == Some(now);
            before = Some(now);
            stands.then_some(now)
        })
    }

    /// Where something is now.
    pub fn try_place_of(&self, selector: &str, words: &str) -> Option<Rect> {
        let found = self.try_run(FIND, &[selector.into(), words.into()]).ok()?;
        let number = |key: &str| found[key].as_f64();
        Some(Rect {
            x: number("x")?,
            y: number("y")?,
            width: number("width")?,
            height: number("height")?,
        })
    }

    /// Waits until nothing on the page moves that will ever come to rest.
    pub fn settle(&self) {
        wait_for_page(self, "rest", || {
            let rests = self.try_run(RESTS, &[]).ok()?;
            (rests == true).then_some(())
        });
        // Then it is drawn; a page that nobody sees is not, and its picture shows what was.
        let command = json!({ "script": DRAWN, "args": [] });
        self.request("POST", "/execute/async", Some(&command)).ok();
    }

    /// Keeps a picture of the page.
    pub(crate) fn picture(&self) -> Option<Vec<u8>> {
        let picture = self.request("GET", "/screenshot", None).ok()?;
        BASE64.decode(picture.as_str()?.as_bytes()).ok()
    }

    /// Ends the driver and the program at once.
    pub(crate) fn kill(&mut self) {
        self.driver.kill();
    }

    fn request(&self, method: &str, path: &str, body: Option<&Value>) -> Result<Value, String> {
        let path = format!("/session/{}{path}", self.session);
        request(self.port, method, &path, body)
    }
}

/// The selector of what the page names so for tests.
pub(crate) fn named(name: &str) -> String {
    format!("[data-testid={name}]")
}

fn transfer(state: &str) -> String {
    format!("[data-testid=transfer][data-state={state}]")
}

fn wait_for_page<T>(page: &Page, what: &str, look: impl FnMut() -> Option<T>) -> T {
    patiently(look).unwrap_or_else(|| panic!("no {what} on:\n{}", page.text()))
}

/// The smallest visible element that a selector names and that says the words or is called so.
const FIND: &str = r"
    const [selector, words] = arguments;
    const says = (it) => [it.innerText, it.getAttribute('aria-label'), it.title]
        .some((text) => (text ?? '').replace(/[\u2066-\u2069]/g, '').includes(words));
    const boxes = [...document.querySelectorAll(selector)].filter(says)
        .map((it) => it.getBoundingClientRect()).filter((it) => it.width > 0 && it.height > 0)
        .sort((one, other) => one.width * one.height - other.width * other.height);
    const box = boxes[0];
    return box ? { x: box.x, y: box.y, width: box.width, height: box.height } : null;
";

/// Calls back after two frames.
const DRAWN: &str = r"
    const done = arguments[arguments.length - 1];
    setTimeout(done, 1000, false);
    requestAnimationFrame(() => requestAnimationFrame(() => done(true)));
";
/// Whether every animation that ends has ended.
const RESTS: &str = r"
    return document.getAnimations().every((it) =>
        it.playState !== 'running' || it.effect.getComputedTiming().endTime === Infinity);
";

fn request(port: u16, method: &str, path: &str, body: Option<&Value>) -> Result<Value, String> {
    let body = body.map(Value::to_string).unwrap_or_default();
    let mut stream = TcpStream::connect(("127.0.0.1", port)).map_err(|error| error.to_string())?;
    stream
        .set_read_timeout(Some(ANSWER_TIME))
        .map_err(|error| error.to_string())?;
    let head = format!(
        "{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    );
    let mut answer = Vec::new();
    stream
        .write_all(head.as_bytes())
        .and_then(|()| stream.write_all(body.as_bytes()))
        .and_then(|()| stream.read_to_end(&mut answer))
        .map_err(|error| error.to_string())?;
    let answer = String::from_utf8_lossy(&answer);
    let (head, body) = answer.split_once("\r\n\r\n").ok_or("no answer")?;
    let value: Value = serde_json::from_str(body).map_err(|error| error.to_string())?;
    match head.split(' ').nth(1) {
        Some("200") => Ok(value["value"].clone()),
        _ => Err(value["value"]["message"].to_string()),
    }
}

fn free_port() -> u16 {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port is free");
    listener.local_addr().expect("it is bound").port()
}

/// How long the driver may think.
const ANSWER_TIME: Duration = Duration::from_secs(60);
