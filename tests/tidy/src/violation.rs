use std::fmt;

/// One place where a rule is broken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// The file, relative to the project's root.
    pub path: String,
    /// The line, from 1; 0 speaks of the whole file.
    pub line: usize,
    /// What is wrong and what to do about it.
    pub advice: String,
}

impl Violation {
    /// Notes a break of a rule at `path:line`.
    pub fn at(path: &str, line: usize, advice: impl Into<String>) -> Self {
        Self {
            path: path.to_owned(),
            line,
            advice: advice.into(),
        }
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            0 => write!(f, "{}: {}", self.path, self.advice),
            line => write!(f, "{}:{line}: {}", self.path, self.advice),
        }
    }
}

/// Panics with every violation, one per line, if there is any.
#[track_caller]
pub fn hold(rule: &str, violations: &[Violation]) {
    let list: String = violations.iter().map(|it| format!("\n  {it}")).collect();
    assert!(
        violations.is_empty(),
        "the house rule `{rule}` is broken:{list}\n"
    );
}
