//! Small habits that keep the code honest.

use crate::outline::Outline;
use crate::{Metadata, Tree, Violation};

/// Finds `unwrap()` outside tests.
pub fn unwraps(tree: &Tree) -> Vec<Violation> {
    spots(
        tree,
        |outline| &outline.unwraps,
        "no `unwrap()` here: handle it, or `expect(\"why it cannot fail\")`",
    )
}

/// Finds lint exceptions that give no reason.
pub fn reasons(tree: &Tree) -> Vec<Violation> {
    spots(
        tree,
        |outline| &outline.silent_lints,
        "a lint exception gives its `reason = \"…\"`",
    )
}

/// Finds unfinished business that does not say when it will be finished: write `TODO(when …): …`.
pub fn conditions(tree: &Tree) -> Vec<Violation> {
    let mut violations = Vec::new();
    for file in CODE.iter().flat_map(|ending| tree.with_extension(ending)) {
        for (number, line) in file.lines() {
            if MARKS.iter().any(|mark| has_bare_mark(line, mark)) {
                let advice = "say when it is to be done, `TODO(when …): …`, or do it now";
                violations.push(Violation::at(&file.path, number, advice));
            }
        }
    }
    violations
}

/// Finds crates whose first line does not say what they are.
pub fn introductions(metadata: &Metadata, tree: &Tree) -> Vec<Violation> {
    let mut violations = Vec::new();
    for package in metadata.members() {
        let folder = metadata.folder(package);
        let roots = ["src/lib.rs", "src/main.rs"].map(|root| format!("{folder}/{root}"));
        for root in roots.iter().filter_map(|path| tree.file(path)) {
            if !root.text.starts_with("//! ") {
                let advice = "begin with `//! ` and one sentence that says what this crate is";
                violations.push(Violation::at(&root.path, 1, advice));
            }
        }
    }
    violations
}

fn spots(tree: &Tree, lines: impl Fn(&Outline) -> &[usize], advice: &str) -> Vec<Violation> {
    let mut violations = Vec::new();
    for file in tree.with_extension("rs") {
        let Ok(outline) = file.outline() else {
            continue;
        };
        for &line in lines(outline) {
            violations.push(Violation::at(&file.path, line, advice));
        }
    }
    violations
}

/// Whether `line` holds `mark` as a word in a comment without a condition after it.
fn has_bare_mark(line: &str, mark: &str) -> bool {
    let Some((_, comment)) = line.split_once("//").or_else(|| line.split_once('#')) else {
        return false;
    };
    comment.split_once(mark).is_some_and(|(before, after)| {
        let is_word =
            !before.ends_with(char::is_alphanumeric) && !after.starts_with(char::is_alphanumeric);
        is_word && !after.starts_with("(when ")
    })
}

const CODE: [&str; 6] = ["rs", "ts", "svelte", "toml", "yml", "sh"];
const MARKS: [&str; 3] = [
    concat!("TO", "DO"),
    concat!("FIX", "ME"),
    concat!("XX", "X"),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Package;

    fn tree(text: &str) -> Tree {
        Tree::of(&[("crates/a/src/lib.rs", text)])
    }

    #[test]
    fn an_unwrap_and_a_silent_exception_are_found() {
        assert_eq!(unwraps(&tree("fn f() { g().unwrap(); }")).len(), 1);
        assert_eq!(unwraps(&tree("#[test] fn f() { g().unwrap(); }")), []);
        assert_eq!(reasons(&tree("#[allow(unused)] fn f() {}")).len(), 1);
    }

    #[test]
    fn a_plan_without_a_condition_is_found() {
        assert_eq!(conditions(&tree(concat!("// TO", "DO: later\n"))).len(), 1);
        assert_eq!(
            conditions(&tree(concat!(
                "// TO",
                "DO(when there is a relay): ask it\n"
            ))),
            []
        );
    }

    #[test]
    fn a_crate_that_does_not_introduce_itself_is_found() {
        let house = Metadata::of(&[Package::stub("a", "crates/a", &[])]);
        assert_eq!(introductions(&house, &tree("mod b;\n")).len(), 1);
        assert_eq!(introductions(&house, &tree("//! An A.\n")), []);
    }
}
