use super::*;
use proptest::prelude::*;

proptest! {
    #[test]
    fn any_text_is_read_and_allows_nobody_it_does_not_name(text in any::<String>()) {
        let directives = Directives::parse(&text);
        prop_assert!(directives.allow("engine::hub"));
        prop_assert!(text.contains('w') || !directives.allow("webrtc::peer"));
    }
}

#[test]
fn a_level_alone_speaks_of_our_crates_only() {
    for text in ["", "info", "trace", "warn,engine=debug"] {
        let directives = Directives::parse(text);
        assert!(directives.allow("engine::hub"), "{text}");
        assert!(!directives.allow("webrtc::peer"), "{text}");
        assert!(!directives.allow("enginelike"), "{text}");
    }
}

#[test]
fn other_crates_speak_when_they_are_named() {
    for text in [
        "webrtc=warn",
        "info,webrtc",
        "info, webrtc::peer=debug",
        "webrtc[span{field=1}]=trace",
    ] {
        let directives = Directives::parse(text);
        assert!(directives.allow("webrtc::peer::agent"), "{text}");
        assert!(!directives.allow("tungstenite"), "{text}");
    }
}

#[test]
fn private_values_are_shown_only_for_our_own_debug_lines() {
    for text in ["debug", "TRACE", "warn,engine=debug", "engine", "5"] {
        assert!(Directives::parse(text).shows_private(), "{text}");
    }
    for text in [
        "",
        "info",
        "warn",
        "info,webrtc=trace",
        "webrtc",
        "engine=info",
    ] {
        assert!(!Directives::parse(text).shows_private(), "{text}");
    }
}

#[test]
fn every_crate_that_a_program_holds_is_ours() {
    let root: toml::Table = read("Cargo.toml").parse().unwrap();
    let members = root["workspace"]["members"].as_array().unwrap();
    let folders = members.iter().map(|member| member.as_str().unwrap());
    for folder in folders.filter(|folder| !folder.starts_with("tests/")) {
        let manifest: toml::Table = read(&format!("{folder}/Cargo.toml")).parse().unwrap();
        let package = manifest["package"]["name"].as_str().unwrap();
        let target = package.replace('-', "_");
        assert!(is_ours(&target), "{target} is missing in OURS");
    }
}

#[test]
fn no_dependency_is_named_like_one_of_ours() {
    let lock: toml::Table = read("Cargo.lock").parse().unwrap();
    for package in lock["package"].as_array().unwrap() {
        let target = package["name"].as_str().unwrap().replace('-', "_");
        let is_foreign = package.get("source").is_some();
        assert!(!(is_foreign && is_ours(&target)), "{target}");
    }
}

fn read(path: &str) -> String {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    std::fs::read_to_string(root.join(path)).unwrap()
}
