#![expect(
    clippy::disallowed_methods,
    reason = "the tests write a policy and a settings file"
)]

use api::{Destination, Event, ReceiveCommand, SettingSource, SettingView, Wishes};
use model::Existing;
use tokio::sync::mpsc;

use super::*;
use crate::hub::tests::Bench;
use crate::settings::table::{AUTOMATIC_ACCEPTANCE, EXISTING_NAMES, RELAY};
use crate::settings::tests::{line, samples};
use crate::settings::{ROWS, Row};

const OWN: ClientId = ClientId(1);
const ATTACHED: ClientId = ClientId(2);

/// A hub under a policy, and the two kinds of faces that ask it: the window is either.
struct Office {
    bench: Bench,
    _told: [mpsc::Receiver<Event>; 2],
}

impl Office {
    fn under(policy: &str) -> Self {
        let mut bench = Bench::new();
        let [own, attached] = [OWN, ATTACHED].map(|client| {
            let (events, told) = mpsc::channel(64);
            let kind = match client {
                OWN => ClientKind::Own,
                _ => ClientKind::Attached,
            };
            bench.hub.clients.join(client, kind, events);
            told
        });
        bench.hub.settings.policy = Some(bench.folder.path().join("policy.toml"));
        let mut office = Self {
            bench,
            _told: [own, attached],
        };
        office.write(policy);
        assert_eq!(office.set(SettingCommand::Reload), Ok(()));
        office
    }

    fn write(&self, policy: &str) {
        let path = self.bench.folder.path().join("policy.toml");
        std::fs::write(path, policy).expect("writable");
    }

    fn set(&mut self, command: SettingCommand) -> Result<(), String> {
        self.set_by(OWN, &command)
    }

    fn set_by(&mut self, client: ClientId, command: &SettingCommand) -> Result<(), String> {
        let done = self.bench.hub.setting_command(client, command);
        done.map(|_| ()).map_err(|error| error.message)
    }

    fn view(&self, row: &Row) -> SettingView {
        let views = self.bench.hub.settings.views();
        let found = views.into_iter().find(|view| view.key == row.key);
        found.expect("every row has a view")
    }

    fn receive(&mut self, destination: Destination, accept: bool, wishes: Wishes) -> String {
        let command = ReceiveCommand::FromContacts {
            destination,
            accept,
            wishes,
        };
        let refused = self.bench.hub.receive_command(OWN, command);
        refused.expect_err("a policy says otherwise").message
    }
}

fn change(row: &Row, value: Option<String>) -> SettingCommand {
    SettingCommand::Change {
        key: row.key.to_owned(),
        value,
    }
}

#[tokio::test]
async fn no_face_and_no_file_changes_a_row_that_a_policy_holds() {
    for row in ROWS.iter().filter(|row| row.lockable) {
        let ([held, other], _) = samples(row.kind);
        let mut office = Office::under(&line(row, &held));
        let before = office.view(row);
        assert!(before.locked, "{}", row.key);
        for client in [OWN, ATTACHED] {
            let for_now = SettingCommand::UseForNow {
                key: row.key.to_owned(),
                value: other.clone(),
            };
            for command in [change(row, Some(other.clone())), change(row, None), for_now] {
                let answer = office.set_by(client, &command);
                let is_kept = office.view(row) == before;
                assert!(is_kept, "{} by {client:?}: {answer:?}", row.key);
                // Only a flag that only single commands have is heard, and says nothing while a policy does.
                assert!(answer.is_err(), "{} by {client:?}: {command:?}", row.key);
            }
        }
        let home = &office.bench.hub.home;
        home.write_settings(&line(row, &other)).expect("writable");
        assert_eq!(office.set(SettingCommand::Reload), Ok(()), "{}", row.key);
        assert_eq!(office.view(row), before, "{}", row.key);
    }
}

#[tokio::test]
async fn a_policy_that_breaks_changes_nothing_and_is_told() {
    let mut office = Office::under("relay = \"never\"\n");
    let before = office.view(&RELAY);
    for broken in [
        "relay = = 1\n",
        "relay = \"sometimes\"\n",
        "relay = []\n",
        "\u{FEFF}[",
    ] {
        office.write(broken);
        let told = office.set(SettingCommand::Reload).unwrap_err();
        assert!(told.contains("policy"), "{told}");
        assert_eq!(office.view(&RELAY), before);
        let told = office.set(change(&SERVER_URL, Some("wss://other.example".into())));
        assert!(told.unwrap_err().contains("policy"));
        assert_eq!(office.view(&SERVER_URL).source, SettingSource::Default);
    }
}

#[tokio::test]
async fn a_device_that_starts_under_a_broken_policy_stays_offline() {
    let mut office = Office::under("");
    office.write("relay = = 1\n");
    let broken = office.bench.hub.settings.read("");
    office.bench.hub.settings.in_force = broken;
    let refused = office.bench.hub.check_settings().unwrap_err();
    assert!(
        refused.message.contains("The policy, line 1"),
        "{refused:?}"
    );
    assert!(office.bench.hub.go_online().is_err());
}

#[tokio::test]
async fn no_wish_of_a_single_command_gets_around_a_policy() {
    let mut policy = line(&DESTINATION_FOLDER, "/srv/in");
    policy += &line(&AUTOMATIC_ACCEPTANCE, "never");
    policy += &line(&EXISTING_NAMES, "keep-both");
    let mut office = Office::under(&policy);
    let held = || Destination::Folder("/srv/in".into());
    let none = Wishes::default();
    for elsewhere in ["/srv", "/srv/in/../out", "/home/ana"] {
        let told = office.receive(Destination::Folder(elsewhere.into()), false, none);
        assert!(told.contains("destination-folder"), "{told}");
    }
    let told = office.receive(Destination::StandardOutput, false, none);
    assert!(told.contains("destination-folder"), "{told}");
    let told = office.receive(held(), true, none);
    assert!(told.contains("automatic-acceptance"), "{told}");
    let wishes = Wishes {
        existing: Some(Existing::Replace),
        ..none
    };
    let told = office.receive(held(), false, wishes);
    assert!(told.contains("existing-names"), "{told}");
    let hub = &office.bench.hub;
    for (place, fits) in [
        ("/srv/in/team", true),
        ("/srv/in", true),
        ("/srv/in/../x", false),
        ("/srv/inn", false),
    ] {
        let checked = hub.check_held_place(Path::new(place));
        assert_eq!(checked.is_ok(), fits, "{place}");
    }
}
