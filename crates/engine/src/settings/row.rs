use super::Kind;

/// One row of the table of settings.
#[derive(Debug)]
pub struct Row {
    /// Its name in commands, in the settings file and in the policy.
    pub key: &'static str,
    /// The environment variable that sets it.
    pub environment: &'static str,
    /// The flag that sets it, without dashes.
    pub flag: Option<Flag>,
    /// What it may be.
    pub kind: Kind,
    /// What the program says while nobody else does.
    pub default: Default,
    /// Whether a policy may hold it.
    pub lockable: bool,
    /// What it is for: one sentence.
    pub about: &'static str,
}

/// A flag of the command line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flag {
    /// Of every command; a process that is running already cannot be given another value.
    Everywhere(&'static str),
    /// Of the commands that receive; each may say otherwise.
    Receiving(&'static str),
}

impl Flag {
    /// The flag without dashes.
    pub fn name(self) -> &'static str {
        match self {
            Self::Everywhere(name) | Self::Receiving(name) => name,
        }
    }
}

/// What holds while nobody sets a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Default {
    /// This value.
    Value(&'static str),
    /// No fixed value: the words say what happens instead.
    Told(&'static str),
    /// What a packager compiled in, or else what the words say.
    Packaged(Option<&'static str>, &'static str),
}

impl Default {
    /// The value, where there is a fixed one.
    pub fn value(self) -> Option<&'static str> {
        match self {
            Self::Value(value) => Some(value),
            Self::Told(_) => None,
            Self::Packaged(value, _) => value,
        }
    }

    /// The value, or what happens instead.
    pub fn words(self) -> &'static str {
        match self {
            Self::Value(words) | Self::Told(words) => words,
            Self::Packaged(value, words) => value.unwrap_or(words),
        }
    }
}

impl Row {
    /// Finds a row by its key.
    pub fn of_key(key: &str) -> Option<&'static Self> {
        super::ROWS.into_iter().find(|row| row.key == key)
    }
}
