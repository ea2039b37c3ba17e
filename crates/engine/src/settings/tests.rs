use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;

/// For each kind two values that are allowed and one that is not: a new row of a known kind needs nothing.
pub(crate) fn samples(kind: Kind) -> ([String; 2], String) {
    let (first, second, bad) = match kind {
        Kind::Name => ("Ana's boat".into(), "Mia".into(), String::new()),
        Kind::ServerUrl => (
            "wss://one.example/ws".into(),
            "ws://two.example".into(),
            "https://one.example".into(),
        ),
        Kind::Hosts => (
            "stun.example.org:3478".into(),
            "none".into(),
            "stun.example.org".into(),
        ),
        Kind::Proxy => (
            "http://proxy.example:3128".into(),
            "none".into(),
            "proxy".into(),
        ),
        Kind::Interfaces => ("all".into(), "eth0 wg0".into(), String::new()),
        Kind::Hosting => ("off".into(), "home.example:7400".into(), "a b".into()),
        Kind::Folder => {
            let root = std::env::temp_dir();
            let below = |name| root.join(name).display().to_string();
            (below("one"), below("two"), "not/absolute".into())
        }
        Kind::Bytes { at_least, at_most }
        | Kind::Number {
            at_least, at_most, ..
        } => (
            at_least.to_string(),
            at_most.to_string(),
            format!("{at_most}0"),
        ),
        Kind::Command => (
            "/bin/true".into(),
            "/bin/echo \"a b\"".into(),
            "true".into(),
        ),
        Kind::Rate => ("2M".into(), "512K sat-sun, none".into(), "1K".into()),
        Kind::Switch => ("on".into(), "off".into(), "perhaps".into()),
        Kind::Choice(words) => (
            words[0].into(),
            words[words.len() - 1].into(),
            "none of them".into(),
        ),
    };
    ([first, second], bad)
}

pub(crate) fn line(row: &Row, value: &str) -> String {
    format!("{} = {}\n", row.key, toml_edit::Value::from(value))
}

#[derive(Default)]
struct Said {
    policy: Option<String>,
    given: Given,
    file: String,
}

impl Said {
    fn say(&mut self, row: &'static Row, value: &str, source: SettingSource) {
        match source {
            SettingSource::Policy => self.policy = Some(line(row, value)),
            SettingSource::Flag => {
                self.given = std::mem::take(&mut self.given).with_flag(row, value);
            }
            SettingSource::Environment => {
                self.given.environment.insert(row.key, value.into());
            }
            SettingSource::File => self.file = line(row, value),
            SettingSource::Default => {}
        }
    }

    fn settings(&self) -> Settings {
        Settings::of(Sources {
            policy: self.policy.as_deref(),
            given: &self.given,
            file: &self.file,
        })
    }
}

/// From the weakest to the strongest, as far as a row has them.
fn sources_of(row: &Row) -> Vec<SettingSource> {
    let mut sources = vec![SettingSource::File, SettingSource::Environment];
    if row.flag.is_some() {
        sources.push(SettingSource::Flag);
    }
    if row.lockable {
        sources.push(SettingSource::Policy);
    }
    sources
}

#[test]
fn every_row_is_set_by_each_of_its_sources_and_the_stronger_wins() {
    for row in ROWS {
        let ([weak, strong], _) = samples(row.kind);
        let read = |text: &str| row.kind.read(OsStr::new(text)).unwrap().to_string();
        let sources = sources_of(row);
        for (index, &source) in sources.iter().enumerate() {
            let mut said = Said::default();
            said.say(row, &strong, source);
            for &weaker in &sources[..index] {
                said.say(row, &weak, weaker);
            }
            let view = said.settings().view(row);
            assert_eq!(view.value, Some(read(&strong)), "{} by {source:?}", row.key);
            assert_eq!(view.source, source, "{}", row.key);
            assert_eq!(view.locked, source == SettingSource::Policy);
            // A flag below a policy is refused: see below.
            let is_refused = source == SettingSource::Policy && row.flag.is_some();
            assert_eq!(
                said.settings().problems().is_empty(),
                !is_refused,
                "{}",
                row.key
            );
        }
        let view = Said::default().settings().view(row);
        assert_eq!(view.source, SettingSource::Default, "{}", row.key);
        assert_eq!(view.value.as_deref(), row.default.value());
    }
}

#[test]
fn every_row_refuses_a_wrong_value_from_each_of_its_sources_by_name() {
    for row in ROWS {
        let ([good, _], bad) = samples(row.kind);
        for source in sources_of(row) {
            let mut said = Said::default();
            said.say(row, &bad, source);
            let settings = said.settings();
            let [problem] = settings.problems() else {
                panic!("{} takes {bad:?} from {source:?}", row.key);
            };
            assert_eq!(problem.key.as_deref(), Some(row.key));
            assert!(problem.blocks);
            assert!(problem.message.contains(row.key), "{}", problem.message);
            let allowed = row.kind.allowed();
            assert!(problem.message.contains(&allowed), "{}", problem.message);
        }
        let settings = Said::default().settings();
        let refused = settings.changed(row.key, Some(&bad)).unwrap_err();
        let told = refused.to_string();
        assert!(
            told.contains(row.key) && told.contains(&row.kind.allowed()),
            "{told}"
        );
        let text = settings.changed(row.key, Some(&good)).unwrap();
        let said = Said {
            file: text.clone(),
            ..Said::default()
        };
        assert_eq!(said.settings().source(row), SettingSource::File, "{text}");
        assert_eq!(said.settings().changed(row.key, None).unwrap(), "");
    }
}

#[test]
fn every_row_that_a_policy_holds_is_changed_by_nobody_else() {
    for row in ROWS {
        let ([held, other], _) = samples(row.kind);
        let mut said = Said::default();
        said.say(row, &held, SettingSource::Policy);
        let settings = said.settings();
        if !row.lockable {
            assert_eq!(settings.source(row), SettingSource::Default, "{}", row.key);
            assert!(settings.problems()[0].message.contains(row.key));
            continue;
        }
        let locked = ChangeError::Locked { key: row.key };
        assert_eq!(settings.changed(row.key, Some(&other)), Err(locked));
        if row.flag.is_some() {
            said.say(row, &other, SettingSource::Flag);
            assert!(said.settings().problems()[0].blocks, "{}", row.key);
            said.say(row, &held, SettingSource::Flag);
            assert_eq!(said.settings().problems(), []);
        }
    }
}

#[test]
fn every_row_has_names_of_its_own_and_a_default_that_it_allows() {
    let mut names = BTreeSet::new();
    for row in ROWS {
        assert!(names.insert(row.key));
        assert!(names.insert(row.environment));
        assert!(row.flag.is_none_or(|flag| names.insert(flag.name())));
        assert!(row.environment.starts_with("WHERRY_"));
        assert!(row.about.ends_with('.'));
        let default = row.default.value();
        assert!(default.is_none_or(|text| row.kind.read(OsStr::new(text)).is_some()));
    }
}

#[test]
fn a_change_keeps_what_a_person_wrote_around_it() {
    let file = "# mine\nfuture-key = [1]\n\ndisk-reserve-bytes = \"2G\" # enough\n";
    let said = Said {
        file: file.into(),
        ..Said::default()
    };
    let text = said
        .settings()
        .changed("disk-reserve-bytes", Some("5k"))
        .unwrap();
    assert_eq!(
        text,
        "# mine\nfuture-key = [1]\n\ndisk-reserve-bytes = 5120 # enough\n"
    );
    let text = said.settings().changed("future-key", None).unwrap();
    assert!(!text.contains("future-key"), "{text}");
}

#[test]
fn unknown_keys_are_told_and_do_not_block() {
    let said = Said {
        file: "sever-url = \"wss://x\"\n".into(),
        ..Said::default()
    };
    let settings = said.settings();
    assert!(settings.problems()[0].message.contains("sever-url"));
    assert!(!settings.problems()[0].blocks);
    let unknown = settings.changed("sever-url", Some("wss://x"));
    assert!(matches!(unknown, Err(ChangeError::Unknown { .. })));
}

#[test]
fn a_file_that_is_no_toml_blocks_and_is_not_written_over() {
    let said = Said {
        file: "a = 1\ndevice-name = = \"x\"\n".into(),
        ..Said::default()
    };
    let settings = said.settings();
    assert!(
        settings.problems()[0].message.contains("line 2"),
        "{:?}",
        settings.problems()
    );
    assert!(settings.problems()[0].blocks);
    let refused = settings.changed("device-name", Some("Ana"));
    assert!(matches!(refused, Err(ChangeError::Unreadable(_))));
    let said = Said {
        policy: Some("[".into()),
        ..Said::default()
    };
    assert!(said.settings().problems()[0].blocks);
    assert!(said.settings().changed("device-name", Some("Ana")).is_ok());
}

#[test]
fn a_running_owner_does_not_follow_other_flags() {
    let mut said = Said::default();
    let row = &table::SERVER_URL;
    said.say(row, "wss://one.example", SettingSource::File);
    let views = said.settings().views();
    let flag = |value: &str| check_flags(&Given::default().with_flag(row, value), &views);
    assert_eq!(flag("wss://one.example"), Ok(()));
    assert!(
        flag("wss://two.example")
            .unwrap_err()
            .message
            .contains("--server")
    );
    assert!(flag("nonsense").unwrap_err().message.contains("wss://"));
}

#[test]
fn the_page_in_docs_is_what_the_table_says() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/settings.md");
    #[expect(
        clippy::disallowed_methods,
        reason = "the test compares a file of the project"
    )]
    let written = std::fs::read_to_string(path).unwrap();
    assert!(
        written == page(),
        "write it anew: cargo run -p engine --example settings_page > docs/settings.md"
    );
}

proptest! {
    #[test]
    fn any_file_is_read_or_told(text in "([a-z-]{1,20} ?= ?(\"[a-z]*\"|[0-9]{1,3}|\\[\\])\n|.{0,20}\n){0,5}") {
        let said = Said { file: text, ..Said::default() };
        let settings = said.settings();
        prop_assert_eq!(settings.views().len(), ROWS.len());
    }
}
