use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// What a person wants of relays: for everybody, or for one contact.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RelayWish {
    /// Through a relay where no direct way exists.
    #[default]
    Automatic,
    /// Directly or not at all.
    Never,
    /// Always through a relay: the other side learns no address of this device.
    Only,
}

impl RelayWish {
    /// Every wish as it is written, in the order of their declaration.
    pub const WORDS: &'static [&'static str] = &["automatic", "never", "only"];
}

impl fmt::Display for RelayWish {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Automatic => "automatic",
            Self::Never => "never",
            Self::Only => "only",
        })
    }
}

/// Not one of [`RelayWish::WORDS`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("use automatic, never or only")]
pub struct RelayWishError;

impl FromStr for RelayWish {
    type Err = RelayWishError;

    fn from_str(text: &str) -> Result<Self, RelayWishError> {
        [Self::Automatic, Self::Never, Self::Only]
            .into_iter()
            .find(|wish| wish.to_string() == text)
            .ok_or(RelayWishError)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_wish_is_read_as_it_is_written() {
        for word in RelayWish::WORDS {
            let wish: RelayWish = word.parse().unwrap();
            assert_eq!(wish.to_string(), *word);
        }
        assert_eq!("sometimes".parse::<RelayWish>(), Err(RelayWishError));
    }
}
