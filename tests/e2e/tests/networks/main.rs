//! Real transfers between networks of all kinds; `docs/network.md` says what is to happen.
#![cfg(target_os = "linux")]

mod drills;
mod hosting;
mod nearby;
mod offline;
mod opening;
mod pairs;
mod relay_budget;
mod serverless;
mod strangers;

use std::fs;
use std::path::Path;

use e2e::{Device, Ended, Internet, code_of, make_file, same_file};
use netlab::{Lab, Plan};

/// A lab with its servers and a device at each end.
struct Scene {
    a: Device,
    b: Device,
    internet: Internet,
    lab: Lab,
}

impl Scene {
    fn new(plan: &Plan) -> Self {
        let lab = Lab::up(plan).expect("a lab");
        let internet = Internet::start(&lab);
        Self {
            a: Internet::device(&lab, "a").with("RUST_LOG", "engine=info"),
            b: Internet::device(&lab, "b").with("RUST_LOG", "engine=info"),
            internet,
            lab,
        }
    }

    /// The same with servers that speak TLS on port 443.
    fn secure(plan: &Plan) -> Self {
        let lab = Lab::up(plan).expect("a lab");
        let internet = Internet::start_secure(&lab);
        Self {
            a: internet
                .secure_device(&lab, "a")
                .with("RUST_LOG", "engine=info"),
            b: internet
                .secure_device(&lab, "b")
                .with("RUST_LOG", "engine=info"),
            internet,
            lab,
        }
    }

    /// Sends a file from `a` to `b` and returns over which path it came, as both tell.
    fn path_of_a_transfer(&self) -> [String; 2] {
        self.transfer().map(|ended| {
            let path = ended.event("transfer_completed")["path"].as_str();
            path.expect("a path").to_owned()
        })
    }

    /// Sends a file from `a` to `b`: the receiver first.
    fn transfer(&self) -> [Ended; 2] {
        let file = self.a.path("trip.mov");
        make_file(&file, 3_000_000, 1);
        let mut sending = self.a.start(&["send", &text(&file), "--code"]);
        let code = code_of(&mut sending);
        let into = self.b.path("into");
        let mut receiving = self
            .b
            .start(&["receive", &code, "--into", &text(&into), "--yes"]);
        let ended = [
            receiving.end().expect_success(),
            sending.end().expect_success(),
        ];
        same_file(&file, &into.join("trip.mov"));
        fs::remove_dir_all(&into).expect("it can be removed");
        ended
    }
}

fn text(path: &Path) -> String {
    path.display().to_string()
}
