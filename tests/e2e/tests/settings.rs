//! Who decides about a setting, asked of the program itself.

use std::fs;
use std::process::Command;

use e2e::{Device, Server, binary, make_file, visible_names};
use engine::settings::{Flag, Kind, ROWS, Row};
use serde_json::Value;
use tempfile::TempDir;

/// Two values that a kind allows, as `wherry config list` prints them.
fn samples(kind: Kind) -> [String; 2] {
    match kind {
        Kind::Name => ["Ana".into(), "Mia".into()],
        Kind::ServerUrl => ["wss://one.example/ws".into(), "ws://two.example".into()],
        Kind::Hosts => ["11.0.0.1:3478".into(), "none".into()],
        Kind::Proxy => ["socks5://proxy.example:1080".into(), "none".into()],
        Kind::Interfaces => ["all".into(), "eth0 wg0".into()],
        Kind::Hosting => ["on".into(), "home.example:7400".into()],
        Kind::Folder => ["/srv/one".into(), "/srv/two".into()],
        Kind::Bytes { at_least, at_most }
        | Kind::Number {
            at_least, at_most, ..
        } => [at_least.to_string(), at_most.to_string()],
        Kind::Rate => ["2M".into(), "512K sat-sun, none".into()],
        Kind::Command => ["none".into(), "/bin/echo \"a b\" c".into()],
        Kind::Switch => ["on".into(), "off".into()],
        Kind::Choice(words) => [words[0].into(), words[words.len() - 1].into()],
    }
}

/// A home and what surrounds it.
struct Place {
    folder: TempDir,
    flags: Vec<String>,
    environment: Vec<(String, String)>,
}

impl Place {
    fn new() -> Self {
        Self {
            folder: TempDir::with_prefix("wherry-e2e-").expect("a folder"),
            flags: Vec::new(),
            environment: Vec::new(),
        }
    }

    fn wherry(&self, arguments: &[&str]) -> (i32, Vec<Value>) {
        let mut command = Command::new(binary("wherry"));
        command
            .args(["--json", "--home"])
            .arg(self.folder.path().join("home"))
            .args(arguments)
            .args(&self.flags)
            .envs(self.environment.iter().cloned());
        let output = command.output().expect("wherry starts");
        let text = String::from_utf8(output.stdout).expect("it prints text");
        let lines = text
            .lines()
            .map(|line| serde_json::from_str(line).expect("every line is JSON"));
        (
            output.status.code().expect("it ends by itself"),
            lines.collect(),
        )
    }

    fn row(&self, row: &Row) -> Value {
        let (code, lines) = self.wherry(&["config", "list"]);
        assert_eq!(code, 0, "{lines:?}");
        let found = lines.into_iter().find(|line| line["key"] == row.key);
        found.unwrap_or_else(|| panic!("{} is not listed", row.key))
    }

    fn write_policy(&mut self, text: &str) {
        let path = self.folder.path().join("policy.toml");
        fs::write(&path, text).expect("the policy can be written");
        let path = path.display().to_string();
        self.environment.push(("WHERRY_POLICY".into(), path));
    }
}

#[test]
fn every_row_follows_file_environment_and_policy_in_this_order() {
    for row in ROWS {
        let [first, second] = samples(row.kind);
        let mut place = Place::new();
        assert_eq!(place.row(row)["source"], "default", "{}", row.key);

        let (code, _) = place.wherry(&["config", "set", row.key, &first]);
        assert_eq!(code, 0, "{}", row.key);
        let listed = place.row(row);
        assert_eq!(listed["value"], first, "{}", row.key);
        assert_eq!(listed["source"], "file", "{}", row.key);

        place
            .environment
            .push((row.environment.into(), second.clone()));
        let listed = place.row(row);
        assert_eq!(listed["value"], second, "{}", row.key);
        assert_eq!(listed["source"], "environment", "{}", row.key);

        if row.lockable {
            let (code, _) = place.wherry(&["config", "set", row.key, &second]);
            assert_eq!(code, 0, "{}", row.key);
            place.write_policy(&format!("{} = '{first}'\n", row.key));
            let listed = place.row(row);
            assert_eq!(listed["value"], first, "{}", row.key);
            assert_eq!(listed["locked"], true, "{}", row.key);
            let (code, told) = place.wherry(&["config", "set", row.key, &second]);
            assert_eq!(code, 2, "{}", row.key);
            let message = told[0]["message"].as_str().unwrap();
            assert!(message.contains("organisation"), "{message}");
            if let Some(Flag::Everywhere(flag)) = row.flag {
                place.flags = vec![format!("--{flag}"), second];
                let (code, told) = place.wherry(&["pair", "--yes"]);
                assert_eq!(code, 2, "{}", row.key);
                let message = told[0]["message"].as_str().unwrap();
                assert!(message.contains("organisation"), "{message}");
                assert_eq!(place.row(row)["value"], first, "{}", row.key);
            }
        }
    }
}

#[test]
fn every_flag_of_every_command_overrules_the_environment() {
    for row in ROWS {
        let Some(Flag::Everywhere(flag)) = row.flag else {
            continue;
        };
        let [first, second] = samples(row.kind);
        let mut place = Place::new();
        place.environment.push((row.environment.into(), first));
        place.flags = vec![format!("--{flag}"), second.clone()];
        let listed = place.row(row);
        assert_eq!(listed["value"], second, "{}", row.key);
        assert_eq!(listed["source"], "flag", "{}", row.key);
    }
}

#[test]
fn a_file_edited_by_hand_is_followed_and_its_mistakes_are_told() {
    let mut place = Place::new();
    let (code, _) = place.wherry(&["config", "list"]);
    assert_eq!(code, 0);
    let file = place.folder.path().join("home/config.toml");
    fs::write(
        &file,
        "# mine\ndevice-name = \"Ana\"\nsever-url = \"ws://127.0.0.1:9\"\n",
    )
    .unwrap();
    let (_, listed) = place.wherry(&["config", "get", "device-name"]);
    assert_eq!(listed[0]["value"], "Ana");
    let (_, listed) = place.wherry(&["config", "list"]);
    let told = listed.last().unwrap();
    assert_eq!(told["event"], "setting_problem");
    assert_eq!(told["key"], "sever-url");

    fs::write(&file, "disk-reserve-bytes = \"lots\"\n").unwrap();
    place.flags = vec!["--server".into(), "ws://127.0.0.1:9".into()];
    let (code, told) = place.wherry(&["pair", "--yes"]);
    assert_eq!(code, 2, "{told:?}");
    let message = told[0]["message"].as_str().unwrap();
    assert!(message.contains("disk-reserve-bytes") && message.contains("number of bytes"));
    let (code, _) = place.wherry(&["config", "set", "disk-reserve-bytes", "1G"]);
    assert_eq!(code, 0);
    assert_eq!(
        fs::read_to_string(&file).unwrap(),
        "disk-reserve-bytes = 1073741824\n"
    );
}

#[test]
fn a_policy_that_cannot_be_read_keeps_the_device_offline_and_is_told() {
    let mut place = Place::new();
    place.write_policy("server-url = 'wss://held.example'\n");
    fs::remove_file(place.folder.path().join("policy.toml")).unwrap();
    place.flags = vec!["--server".into(), "ws://127.0.0.1:9".into()];
    let (code, told) = place.wherry(&["pair", "--yes"]);
    assert_eq!(code, 2, "{told:?}");
    let message = told[0]["message"].as_str().unwrap();
    assert!(message.contains("policy.toml"), "{message}");
    let (code, listed) = place.wherry(&["config", "list"]);
    assert_eq!(code, 0, "{listed:?}");
    assert_eq!(listed.last().unwrap()["blocks"], true);
}

#[test]
fn a_program_that_is_carried_about_keeps_everything_beside_itself() {
    let folder = TempDir::with_prefix("wherry-e2e-").expect("a folder");
    let program = folder.path().join("wherry");
    fs::copy(binary("wherry"), &program).expect("it can be copied");
    fs::write(folder.path().join("wherry-portable"), "").expect("writable");
    let id = Command::new(&program)
        .arg("id")
        .env_remove("WHERRY_HOME")
        .output();
    assert!(id.expect("it starts").status.success());
    assert!(folder.path().join("wherry-home/wherry.db").is_file());
}

#[test]
fn received_files_go_where_flag_environment_and_settings_say() {
    let server = Server::start();
    let ana = Device::new(&server.url);
    let file = ana.path("file");
    make_file(&file, 10, 1);
    let ben = Device::new(&server.url);
    let [kept, variable, flag] = ["kept", "variable", "flag"].map(|it| ben.path(it));
    let [kept, variable, flag] = [kept, variable, flag].map(|it| it.display().to_string());
    let status = ben
        .command(&["config", "set", "destination-folder", &kept])
        .status();
    assert!(status.unwrap().success());
    let receive = |ben: &Device, extra: &[&str]| {
        let mut sending = ana.start(&["send", &file.display().to_string(), "--code"]);
        let issued = sending.wait_for("code_issued");
        let mut arguments = vec!["receive", issued["code"].as_str().unwrap(), "--yes"];
        arguments.extend(extra);
        ben.start(&arguments).end().expect_success();
        sending.end().expect_success();
    };
    receive(&ben, &[]);
    assert_eq!(visible_names(kept.as_ref()), ["file"]);
    let ben = ben.with("WHERRY_DESTINATION_FOLDER", &variable);
    receive(&ben, &[]);
    assert_eq!(visible_names(variable.as_ref()), ["file"]);
    receive(&ben, &["--into", &flag]);
    assert_eq!(visible_names(flag.as_ref()), ["file"]);
}
