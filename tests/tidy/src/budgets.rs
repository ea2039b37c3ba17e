//! How long things may grow before they must be split.

use crate::outline::Outline;
use crate::{File, Tree, Violation};

/// Lines of a source file, tests included (aim 250, look again at 400).
pub const FILE_LINES: usize = 600;
/// Lines of a function, from `fn` to its brace (aim 40, look again at 50).
pub const FUNCTION_LINES: usize = 80;
/// Fields of a struct or of an enum's variant (aim 8, look again at 10).
pub const FIELDS: usize = 12;
/// Arguments of a function besides `self` (aim 4, look again at 5).
pub const ARGUMENTS: usize = 6;

/// Finds files, functions, structs and argument lists that are over their budget.
pub fn check(tree: &Tree) -> Vec<Violation> {
    let mut violations = Vec::new();
    for file in SOURCES
        .iter()
        .flat_map(|ending| tree.with_extension(ending))
    {
        let lines = file.text.lines().count();
        if lines > FILE_LINES {
            let advice = format!(
                "{lines} lines, the stop is {FILE_LINES}: split it by what changes together"
            );
            violations.push(Violation::at(&file.path, 0, advice));
        }
    }
    for file in tree.with_extension("rs") {
        match file.outline() {
            Ok(outline) => check_outline(file, outline, &mut violations),
            Err(violation) => violations.push(violation.clone()),
        }
    }
    violations
}

fn check_outline(file: &File, outline: &Outline, violations: &mut Vec<Violation>) {
    for function in &outline.functions {
        let (name, lines, arguments) = (&function.name, function.lines, function.arguments);
        if lines > FUNCTION_LINES {
            let advice =
                format!("`{name}` has {lines} lines, the stop is {FUNCTION_LINES}: name its steps");
            violations.push(Violation::at(&file.path, function.line, advice));
        }
        if arguments > ARGUMENTS && !function.is_dictated {
            let advice = format!(
                "`{name}` takes {arguments} arguments, the stop is {ARGUMENTS}: name what belongs together"
            );
            violations.push(Violation::at(&file.path, function.line, advice));
        }
    }
    for kind in outline.types.iter().filter(|kind| kind.fields > FIELDS) {
        let (name, fields) = (&kind.name, kind.fields);
        let advice =
            format!("`{name}` has {fields} fields, the stop is {FIELDS}: it holds a second thing");
        violations.push(Violation::at(&file.path, kind.line, advice));
    }
}

const SOURCES: [&str; 3] = ["rs", "ts", "svelte"];

#[cfg(test)]
mod tests {
    use super::*;

    const NOTHING: [usize; 0] = [];

    fn found(text: &str) -> Vec<usize> {
        let tree = Tree::of(&[("crates/a/src/lib.rs", text)]);
        check(&tree).iter().map(|it| it.line).collect()
    }

    #[test]
    fn the_last_line_within_budget_passes_and_the_next_does_not() {
        assert_eq!(found(&"// x\n".repeat(FILE_LINES)), NOTHING);
        assert_eq!(found(&"// x\n".repeat(FILE_LINES + 1)), [0]);
        let function =
            |lines: usize| format!("\nfn f() {{\n{}}}\n", "    g();\n".repeat(lines - 2));
        assert_eq!(found(&function(FUNCTION_LINES)), NOTHING);
        assert_eq!(found(&function(FUNCTION_LINES + 1)), [2]);
    }

    #[test]
    fn wide_structs_and_argument_lists_are_found() {
        let fields = |count: usize| {
            (0..count)
                .map(|it| format!("f{it}: u8,"))
                .collect::<String>()
        };
        assert_eq!(
            found(&format!("struct S {{ {} }}", fields(FIELDS))),
            NOTHING
        );
        assert_eq!(
            found(&format!("struct S {{ {} }}", fields(FIELDS + 1))),
            [1]
        );
        assert_eq!(
            found(&format!("enum E {{ V {{ {} }} }}", fields(FIELDS + 1))),
            [1]
        );
        assert_eq!(
            found(&format!(
                "impl S {{ fn f(&self, {}) {{}} }}",
                fields(ARGUMENTS)
            )),
            NOTHING
        );
        assert_eq!(found(&format!("fn f({}) {{}}", fields(ARGUMENTS + 1))), [1]);
        let dictated = format!("impl T for S {{ fn f({}) {{}} }}", fields(ARGUMENTS + 1));
        assert_eq!(found(&dictated), NOTHING);
    }

    #[test]
    fn a_file_that_is_no_rust_is_found() {
        assert_eq!(found("fn f( {"), [1]);
    }
}
