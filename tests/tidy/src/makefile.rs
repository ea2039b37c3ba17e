//! Every target of the Makefile says what it does, and CONTRIBUTING.md knows it.

use crate::{File, Violation};

/// Finds targets that `make help` or CONTRIBUTING.md would not show.
///
/// A documented target reads `name: needs ## What it does.`
pub fn check(makefile: &File, contributing: &File) -> Vec<Violation> {
    let mut violations = Vec::new();
    for (number, line) in makefile.lines() {
        let Some(target) = target_of(line) else {
            continue;
        };
        if !line.contains("## ") {
            let advice = format!("the target `{target}` lacks its `## …` line for `make help`");
            violations.push(Violation::at(&makefile.path, number, advice));
        }
        if !contributing.text.contains(&format!("`make {target}`")) {
            let advice = format!("{} does not mention `make {target}`", contributing.path);
            violations.push(Violation::at(&makefile.path, number, advice));
        }
    }
    violations
}

/// The name of the target that `line` begins, unless it is a variable, a recipe or one of make's own.
fn target_of(line: &str) -> Option<&str> {
    let (name, rest) = line.split_once(':')?;
    let is_name = !name.is_empty()
        && name
            .chars()
            .all(|it| it.is_ascii_alphanumeric() || it == '-');
    (is_name && !rest.starts_with('=')).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Tree;

    #[test]
    fn a_target_without_words_is_found() {
        let tree = Tree::of(&[
            ("CONTRIBUTING.md", "`make good` and `make bare`"),
            (
                "Makefile",
                ".PHONY: good\nX := 1\ngood: bare ## Does good.\n\t@echo a: b\nbare:\nunsaid: ## Is not told.\n",
            ),
        ]);
        let (contributing, makefile) = (tree.file("CONTRIBUTING.md"), tree.file("Makefile"));
        let found = check(makefile.unwrap(), contributing.unwrap());
        assert_eq!(found.iter().map(|it| it.line).collect::<Vec<_>>(), [5, 6]);
    }
}
