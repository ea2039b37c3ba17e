//! Every limit of `model::limits` is told in `docs/protocol/limits.md` and proven by a test.
//!
//! The page has one table row per constant: `` | `NAME` | value | why | `test_name` | ``. A limit that no
//! code uses yet says `none yet` instead of a test, and must name one as soon as some code does.

use std::collections::{BTreeMap, BTreeSet};

use crate::{Tree, Violation};

/// The constants.
pub const SOURCE: &str = "crates/proto/model/src/limits.rs";
/// The page that tells them.
pub const PAGE: &str = "docs/protocol/limits.md";

/// Finds limits without a row, rows without a limit, and rows whose test does not exist.
pub fn check(tree: &Tree) -> Vec<Violation> {
    let (Some(source), Some(page)) = (tree.file(SOURCE), tree.file(PAGE)) else {
        return vec![Violation::at(
            PAGE,
            0,
            format!("{SOURCE} and this page belong together"),
        )];
    };
    let constants: BTreeMap<&str, usize> = source
        .lines()
        .filter_map(|(number, line)| Some((constant_of(line)?, number)))
        .collect();
    let rows: BTreeMap<&str, (usize, &str)> = page
        .lines()
        .filter_map(|(number, line)| row_of(line).map(|(name, proof)| (name, (number, proof))))
        .collect();
    let tests = names_of_tests(tree);

    let mut violations = Vec::new();
    for (name, &line) in &constants {
        match rows.get(name) {
            None => {
                let advice = format!(
                    "`{name}` has no row in {PAGE}: tell its value, its reason and its test"
                );
                violations.push(Violation::at(SOURCE, line, advice));
            }
            Some(&(row, proof)) => {
                let fault = fault_of(name, proof, &tests, || is_used(tree, name));
                violations.extend(fault.map(|advice| Violation::at(PAGE, row, advice)));
            }
        }
    }
    for (name, (row, _)) in rows
        .iter()
        .filter(|(name, _)| !constants.contains_key(*name))
    {
        violations.push(Violation::at(
            PAGE,
            *row,
            format!("`{name}` is no limit of {SOURCE}"),
        ));
    }
    violations
}

fn fault_of(
    name: &str,
    proof: &str,
    tests: &BTreeSet<String>,
    is_used: impl FnOnce() -> bool,
) -> Option<String> {
    match quoted(proof) {
        Some(test) if tests.contains(test) => None,
        Some(test) => Some(format!(
            "`{name}` names the test `{test}`, which does not exist"
        )),
        None if proof != NO_TEST_YET => Some(format!(
            "`{name}` names no test (or `{NO_TEST_YET}` while unused)"
        )),
        None if is_used() => Some(format!(
            "`{name}` is used by now: write a test that meets it and name it here"
        )),
        None => None,
    }
}

fn constant_of(line: &str) -> Option<&str> {
    let (name, _) = line.strip_prefix("pub const ")?.split_once(':')?;
    Some(name)
}

/// The constant's name and the last cell of a table row.
fn row_of(line: &str) -> Option<(&str, &str)> {
    let cells: Vec<&str> = line
        .strip_prefix('|')?
        .trim_end()
        .strip_suffix('|')?
        .split('|')
        .collect();
    let name = quoted(cells.first()?.trim())?;
    Some((name, cells.last()?.trim()))
}

fn quoted(text: &str) -> Option<&str> {
    text.strip_prefix('`')?.strip_suffix('`')
}

fn names_of_tests(tree: &Tree) -> BTreeSet<String> {
    let outlines = tree
        .with_extension("rs")
        .filter_map(|file| file.outline().ok());
    outlines
        .flat_map(|outline| &outline.functions)
        .filter(|function| function.is_test)
        .map(|function| function.name.clone())
        .collect()
}

fn is_used(tree: &Tree, name: &str) -> bool {
    let is_word = |line: &str| {
        line.split(|it: char| !it.is_alphanumeric() && it != '_')
            .any(|it| it == name)
    };
    let is_code = |line: &&str| !line.trim_start().starts_with("//");
    tree.with_extension("rs")
        .filter(|file| file.path != SOURCE && !file.is_test())
        .any(|file| file.text.lines().filter(is_code).any(is_word))
}

const NO_TEST_YET: &str = "none yet";

#[cfg(test)]
mod tests {
    use super::*;

    fn found(row: &str, code: &str) -> usize {
        check(&Tree::of(&[
            (SOURCE, "pub const DEPTH: usize = 3;\n"),
            (PAGE, row),
            ("crates/a/src/lib.rs", code),
        ]))
        .len()
    }

    #[test]
    fn a_used_limit_names_a_test_that_exists() {
        let code = "fn f() { g(DEPTH) } #[test] fn depth_is_bounded() {}";
        assert_eq!(found("| `DEPTH` | 3 | why | `depth_is_bounded` |", code), 0);
        assert_eq!(found("| `DEPTH` | 3 | why | `width_is_bounded` |", code), 1);
        assert_eq!(found("| `DEPTH` | 3 | why | none yet |", code), 1);
        assert_eq!(found("| `DEPTH` | 3 | why | none yet |", ""), 0);
        assert_eq!(found("| `DEPTH` | 3 | why | perhaps |", ""), 1);
    }

    #[test]
    fn limits_and_rows_come_in_pairs() {
        assert_eq!(found("", ""), 1);
        assert_eq!(
            found(
                "| `DEPTH` | 3 | why | none yet |\n| `WIDTH` | 3 | why | none yet |",
                ""
            ),
            1
        );
    }
}
