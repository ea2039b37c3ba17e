use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// What becomes of a received file whose name is taken in the destination. Nothing is ever lost by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Existing {
    /// Both stay: what arrives gets a number.
    #[default]
    KeepBoth,
    /// What has the same content is not carried again; with another content both stay.
    Skip,
    /// What arrives gets the name; what had it stays beside it under a dated one.
    Replace,
}

impl Existing {
    /// Every choice as it is written, in the order of their declaration.
    pub const WORDS: &'static [&'static str] = &["keep-both", "skip", "replace"];

    /// Whether folders of the same name become one, and content that is there already is used.
    pub fn merges(self) -> bool {
        match self {
            Self::KeepBoth => false,
            Self::Skip | Self::Replace => true,
        }
    }
}

impl fmt::Display for Existing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::KeepBoth => "keep-both",
            Self::Skip => "skip",
            Self::Replace => "replace",
        })
    }
}

/// Not one of [`Existing::WORDS`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("use keep-both, skip or replace")]
pub struct ExistingError;

impl FromStr for Existing {
    type Err = ExistingError;

    fn from_str(text: &str) -> Result<Self, ExistingError> {
        [Self::KeepBoth, Self::Skip, Self::Replace]
            .into_iter()
            .find(|choice| choice.to_string() == text)
            .ok_or(ExistingError)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_choice_is_read_as_it_is_written() {
        for word in Existing::WORDS {
            let choice: Existing = word.parse().unwrap();
            assert_eq!(choice.to_string(), *word);
        }
        assert_eq!("overwrite".parse::<Existing>(), Err(ExistingError));
        assert_eq!(Existing::default(), Existing::KeepBoth);
    }
}
