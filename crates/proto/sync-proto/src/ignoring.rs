//! What is not shared: lines of `.wherryignore`, in the syntax of `.gitignore`.

use ignore::gitignore::{Gitignore, GitignoreBuilder};
use model::limits::{IGNORE_BYTES, IGNORE_LINES};

use crate::FolderPath;

/// The rules of one folder.
#[derive(Debug, Clone)]
pub struct IgnoreRules {
    matcher: Gitignore,
}

/// Why a list of rules is not taken; the one before stays.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IgnoreError {
    /// Longer than [`IGNORE_BYTES`] or [`IGNORE_LINES`].
    #[error("the list of what is not shared is too long")]
    TooLong,
    /// A line is no pattern.
    #[error("line {line} of the list of what is not shared is no pattern")]
    BadLine {
        /// Its number, from 1.
        line: usize,
    },
}

impl IgnoreRules {
    /// Shares everything.
    pub fn none() -> Self {
        Self {
            matcher: Gitignore::empty(),
        }
    }

    /// Reads the content of a `.wherryignore`.
    pub fn parse(text: &str) -> Result<Self, IgnoreError> {
        if text.len() > IGNORE_BYTES || text.lines().count() > IGNORE_LINES {
            return Err(IgnoreError::TooLong);
        }
        let mut builder = GitignoreBuilder::new("");
        for (line, pattern) in (1..).zip(text.lines()) {
            builder
                .add_line(None, pattern)
                .map_err(|_| IgnoreError::BadLine { line })?;
        }
        let matcher = builder.build().map_err(|_| IgnoreError::TooLong)?;
        Ok(Self { matcher })
    }

    /// Whether `path` is not shared, by itself or because a folder it lies in is not.
    pub fn ignores(&self, path: &FolderPath, is_directory: bool) -> bool {
        if self.matcher.is_empty() {
            return false;
        }
        let matched = self
            .matcher
            .matched_path_or_any_parents(path.as_str(), is_directory);
        matched.is_ignore()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn path(text: &str) -> FolderPath {
        FolderPath::parse(text).unwrap()
    }

    proptest! {
        #[test]
        fn any_text_is_a_list_or_refused_without_panic(text in any::<String>(), name in "[a-z!#*/]{1,12}") {
            if let (Ok(rules), Ok(path)) = (IgnoreRules::parse(&text), FolderPath::parse(&name)) {
                let _judged = rules.ignores(&path, false);
            }
        }
    }

    #[test]
    fn rules_mean_what_they_mean_to_git() {
        let rules = IgnoreRules::parse(
            "# build\n/target\nnode_modules/\n*.log\n!keep.log\ndocs/**/*.tmp\n\n",
        )
        .unwrap();
        for (text, is_directory, ignored) in [
            ("target", true, true),
            ("target/debug/x", false, true),
            ("src/target", true, false),
            ("web/node_modules/left-pad/index.js", false, true),
            ("node_modules", false, false),
            ("a/b.log", false, true),
            ("a/keep.log", false, false),
            ("docs/x/y/z.tmp", false, true),
            ("docs.tmp", false, false),
        ] {
            assert_eq!(rules.ignores(&path(text), is_directory), ignored, "{text}");
        }
    }

    #[test]
    fn a_list_has_as_many_lines_as_its_limit() {
        assert!(IgnoreRules::parse(&"*.x\n".repeat(IGNORE_LINES)).is_ok());
        let longer = IgnoreRules::parse(&"*.x\n".repeat(IGNORE_LINES + 1));
        assert_eq!(longer.unwrap_err(), IgnoreError::TooLong);
    }

    #[test]
    fn a_list_has_as_many_bytes_as_its_limit() {
        let line = "#".repeat(IGNORE_BYTES);
        assert!(IgnoreRules::parse(&line).is_ok());
        let longer = IgnoreRules::parse(&(line + "#"));
        assert_eq!(longer.unwrap_err(), IgnoreError::TooLong);
    }

    #[test]
    fn a_line_that_is_no_pattern_is_named() {
        let bad = IgnoreRules::parse("*.log\n[b-a]\n");
        assert_eq!(bad.unwrap_err(), IgnoreError::BadLine { line: 2 });
    }
}
