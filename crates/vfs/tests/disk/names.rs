use std::fs;

use model::{Entry, Name, NameRules, RelPath, wire};
use vfs::sink::PageError;

use crate::kit::{Pair, TRANSFER, commit, file, final_state, folder, names_in};

/// Class and text of every line of the corpus.
fn corpus() -> Vec<(&'static str, String)> {
    let lines = include_str!("names.txt").lines();
    lines
        .filter(|line| !line.starts_with('#'))
        .map(|line| {
            let (class, text) = line.split_once('\t').unwrap();
            (class, unescape(text))
        })
        .collect()
}

fn unescape(text: &str) -> String {
    let mut plain = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('\\') {
        plain.push_str(before);
        if let Some(after) = after.strip_prefix('\\') {
            plain.push('\\');
            rest = after;
            continue;
        }
        let (number, after) = after.strip_prefix("u{").unwrap().split_once('}').unwrap();
        let number = u32::from_str_radix(number, 16).unwrap();
        plain.push(char::from_u32(number).unwrap());
        rest = after;
    }
    plain + rest
}

#[test]
fn the_corpus_has_every_class_and_hundreds_of_names() {
    let corpus = corpus();
    assert!(corpus.len() >= 200, "{}", corpus.len());
    for class in ["refused", "windows", "reserved", "stored"] {
        assert!(corpus.iter().any(|line| line.0 == class), "{class}");
    }
}

#[test]
fn a_refused_name_does_not_even_become_a_path() {
    for (class, text) in corpus() {
        let refused = class == "refused";
        assert_eq!(Name::parse(&text).is_err(), refused, "{text:?}");
        let bytes = wire::encode(&vec!["folder".to_owned(), text.clone()]);
        assert_eq!(
            wire::decode::<RelPath>(&bytes, 8_192).is_err(),
            refused,
            "{text:?}"
        );
    }
}

/// A folder of its own for every name, and the name in it.
fn alone(number: usize, name: Name) -> [Entry; 2] {
    let top = Name::parse(&number.to_string()).unwrap();
    let mut entries = [folder("x"), file("x/x", 0)];
    entries[0].path = RelPath::of_name(top.clone());
    entries[1].path = RelPath::new(vec![top, name]).unwrap();
    entries
}

#[test]
fn every_good_name_is_stored_exactly() {
    let pair = Pair::new();
    let mut staging = pair.stage();
    let mut stored = Vec::new();
    for (class, text) in corpus() {
        let is_good = class == "stored" || class == "windows" && cfg!(not(windows));
        if let (true, Ok(name)) = (is_good, Name::parse(&text)) {
            let page = staging.pages();
            let entries = alone(stored.len(), name);
            let have = staging.add_page(page, &entries).unwrap();
            let file = have.first_entry + 1;
            staging
                .finish_entry(file, &final_state(&entries[1]))
                .unwrap();
            stored.push(text);
        }
    }
    commit(staging);
    assert_eq!(names_in(&pair.to).len(), stored.len());
    for (number, text) in stored.into_iter().enumerate() {
        assert_eq!(names_in(&pair.to.join(number.to_string())), [text]);
    }
}

#[test]
fn what_this_system_cannot_have_is_left_out_and_what_wherry_uses_is_refused() {
    let pair = Pair::new();
    let windows = pair.sink().with_rules(NameRules::Windows);
    let mut staging = windows.stage(TRANSFER).unwrap();
    for (number, (class, text)) in corpus().into_iter().enumerate() {
        let Ok(name) = Name::parse(&text) else {
            continue;
        };
        let page = staging.pages();
        let judged = staging.add_page(page, &alone(number, name));
        match class {
            "windows" => assert!(!judged.unwrap().refused.is_empty(), "{text:?}"),
            "reserved" => assert!(
                matches!(judged, Err(PageError::Reserved { .. })),
                "{text:?}"
            ),
            _ => {
                let have = judged.unwrap_or_else(|error| panic!("{text:?}: {error}"));
                assert!(have.refused.is_empty(), "{text:?}");
            }
        }
    }
    staging.discard().unwrap();
    assert_eq!(names_in(&pair.to), [""; 0]);
}

#[test]
fn a_top_level_name_is_judged_like_any_other() {
    let pair = Pair::new();
    let mut staging = pair.stage();
    for page in [
        &[file(".wherry-aaaaaaaa.partial", 1)][..],
        &[file("same", 1), file("SAME", 1)],
        &[file("no-folder/x", 1)],
        &[file("\u{e9}", 1), file("e\u{301}", 1)],
    ] {
        assert!(staging.add_page(0, page).is_err());
        assert_eq!(staging.pages(), 0, "a refused page is not stored");
    }
    staging.add_page(0, &[file("same", 1)]).unwrap();
    let later = staging.add_page(1, &[file("Same", 1)]);
    assert!(matches!(later, Err(PageError::Collision { .. })));
    drop(staging);
    let mut again = pair.stage();
    let later = again.add_page(1, &[file("Same", 1)]);
    assert!(
        matches!(later, Err(PageError::Collision { .. })),
        "also after a restart"
    );
    assert!(
        fs::read_dir(pair.home().join("tree"))
            .unwrap()
            .next()
            .is_none()
    );
}
