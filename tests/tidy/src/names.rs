//! Words we avoid because they hide what a thing is, and the shape of test names.

use crate::outline::Outline;
use crate::{File, Metadata, Tree, Violation};

/// Finds files, modules, types, functions and crates with a name that says nothing.
pub fn check(tree: &Tree) -> Vec<Violation> {
    let mut violations = Vec::new();
    for file in tree.with_extension("rs") {
        check_file_name(file, &mut violations);
        if let Ok(outline) = file.outline() {
            check_outline(file, outline, &mut violations);
        }
    }
    violations
}

/// Finds crates with such a name.
pub fn crates(metadata: &Metadata) -> Vec<Violation> {
    let is_empty =
        |name: &str| snake_words(name).any(|word| is_empty_word(word) || is_empty_module(word));
    metadata
        .members()
        .filter(|package| is_empty(&package.name))
        .map(|package| Violation::at(metadata.folder(package), 0, advice(&package.name)))
        .collect()
}

/// Finds tests whose names are no sentences.
pub fn tests(tree: &Tree) -> Vec<Violation> {
    let mut violations = Vec::new();
    for file in tree.with_extension("rs") {
        let Ok(outline) = file.outline() else {
            continue;
        };
        for test in outline.functions.iter().filter(|it| it.is_test) {
            let is_child = test.name == CHILD;
            if snake_words(&test.name).count() < SENTENCE_WORDS && !is_child {
                let advice = format!(
                    "the test `{}` does not say in a sentence what holds",
                    test.name
                );
                violations.push(Violation::at(&file.path, test.line, advice));
            }
        }
    }
    violations
}

fn check_file_name(file: &File, violations: &mut Vec<Violation>) {
    if file.name() == "mod.rs" {
        let advice =
            "use `name.rs` beside the folder `name/`: tabs full of `mod.rs` tell nobody anything";
        violations.push(Violation::at(&file.path, 0, advice));
    }
    let stem = file.name().trim_end_matches(".rs");
    if is_empty_module(stem) || snake_words(stem).any(is_empty_word) {
        violations.push(Violation::at(&file.path, 0, advice(stem)));
    }
}

fn check_outline(file: &File, outline: &Outline, violations: &mut Vec<Violation>) {
    for module in &outline.modules {
        if is_empty_module(&module.name) || snake_words(&module.name).any(is_empty_word) {
            violations.push(Violation::at(&file.path, module.line, advice(&module.name)));
        }
    }
    for kind in &outline.types {
        if camel_words(&kind.name)
            .iter()
            .any(|word| is_empty_word(word))
        {
            violations.push(Violation::at(&file.path, kind.line, advice(&kind.name)));
        }
    }
    for function in outline.functions.iter().filter(|it| !it.is_dictated) {
        if function.name.starts_with("get_") {
            let advice = format!(
                "`{}`: leave out `get_`, the call says it already",
                function.name
            );
            violations.push(Violation::at(&file.path, function.line, advice));
        }
    }
}

fn advice(name: &str) -> String {
    format!("`{name}` does not say what it is: name what it holds or does")
}

fn is_empty_word(word: &str) -> bool {
    EMPTY_WORDS.contains(&word.to_lowercase().as_str())
}

fn is_empty_module(name: &str) -> bool {
    EMPTY_MODULES.contains(&name)
}

fn snake_words(name: &str) -> impl Iterator<Item = &str> {
    name.split(['_', '-']).filter(|word| !word.is_empty())
}

fn camel_words(name: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    for character in name.chars() {
        match words.last_mut() {
            Some(word) if !character.is_uppercase() => word.push(character),
            Some(_) | None => words.push(character.to_string()),
        }
    }
    words
}

const EMPTY_WORDS: [&str; 8] = [
    "manager", "managers", "service", "services", "helper", "helpers", "util", "utils",
];
const EMPTY_MODULES: [&str; 4] = ["types", "common", "misc", "shared"];
const SENTENCE_WORDS: usize = 3;
/// What a test starts as a process of its own, to kill it, is a test of this name: it states nothing.
const CHILD: &str = "child";

#[cfg(test)]
mod cases {
    use super::*;
    use crate::Package;

    fn found(path: &str, text: &str) -> usize {
        check(&Tree::of(&[(path, text)])).len()
    }

    #[test]
    fn empty_names_are_found_wherever_they_stand() {
        assert_eq!(found("crates/a/src/mod.rs", ""), 1);
        assert_eq!(found("crates/a/src/types.rs", ""), 1);
        assert_eq!(found("crates/a/src/path_utils.rs", ""), 1);
        assert_eq!(found("crates/a/src/lib.rs", "mod common { }"), 1);
        assert_eq!(found("crates/a/src/lib.rs", "struct PeerManager;"), 1);
        assert_eq!(found("crates/a/src/lib.rs", "trait Helper {}"), 1);
        assert_eq!(
            found("crates/a/src/lib.rs", "impl A { fn get_name(&self) {} }"),
            1
        );
        assert_eq!(
            found(
                "crates/a/src/lib.rs",
                "struct Utility; struct Commons; fn target() {}"
            ),
            0
        );
    }

    #[test]
    fn empty_crate_names_are_found() {
        let house = Metadata::of(&[Package::stub("wherry-utils", "crates/wherry-utils", &[])]);
        assert_eq!(crates(&house).len(), 1);
    }

    #[test]
    fn a_test_name_of_two_words_is_found() {
        let text = "#[test] fn it_works() {} #[test] fn it_works_twice() {}";
        assert_eq!(tests(&Tree::of(&[("crates/a/src/lib.rs", text)])).len(), 1);
    }
}
