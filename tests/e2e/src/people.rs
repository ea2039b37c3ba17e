use serde_json::Value;

use crate::process::{Device, Ended, Running};

impl Device {
    /// Gives the device a name that contacts see.
    ///
    /// # Panics
    /// When that fails.
    #[must_use]
    pub fn named(self, name: &str) -> Self {
        self.run(&["config", "set", "device-name", name]);
        self
    }

    /// Runs a command to its good end.
    ///
    /// # Panics
    /// When it fails.
    pub fn run(&self, arguments: &[&str]) -> Ended {
        self.start(arguments).end().expect_success()
    }

    /// A copy of this device, as `cp -r` makes it.
    ///
    /// # Panics
    /// When copying fails.
    #[must_use]
    pub fn copied(&self) -> Self {
        let copy = Self::empty(self.server());
        let status = std::process::Command::new("cp")
            .arg("-r")
            .arg(self.path("home"))
            .arg(copy.path("home"))
            .status();
        assert!(status.expect("cp starts").success());
        copy
    }

    /// What `contacts list` says of a contact, if it is there.
    pub fn contact(&self, name: &str) -> Option<Value> {
        let listed = self.run(&["contacts", "list"]);
        let mut events = listed.events.into_iter();
        events.find(|event| event["event"] == "contact" && event["name"] == name)
    }
}

/// The code that a command shows.
///
/// # Panics
/// When it shows none.
pub fn code_of(showing: &mut Running) -> String {
    let issued = showing.wait_for("code_issued");
    issued["code"].as_str().expect("a code").to_owned()
}

/// Makes two devices contacts of each other, not compared; `extra` goes to the first.
///
/// # Panics
/// When that fails.
pub fn pair_with(one: &Device, extra: &[&str], other: &Device) -> [Ended; 2] {
    let mut showing = one.start(&[&["pair", "--yes"], extra].concat());
    let code = code_of(&mut showing);
    let mut typing = other.start(&["pair", &code, "--yes"]);
    [&mut showing, &mut typing].map(|running| running.end().expect_success())
}
