use model::limits;
use serde::{Deserialize, Serialize};

/// The protocol versions that a device speaks: 1 to [`limits::PROTOCOL_VERSIONS`] of them, ascending,
/// none twice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "Vec<u16>", try_from = "Vec<u16>")]
pub struct Versions(Vec<u16>);

/// Why a list of versions is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum VersionsError {
    /// Nothing in it.
    #[error("the list of versions is empty")]
    Empty,
    /// More than [`limits::PROTOCOL_VERSIONS`].
    #[error("the list of versions is too long")]
    TooMany,
    /// Not ascending: one list has one form.
    #[error("the list of versions is not in order")]
    Unordered,
}

impl Versions {
    /// What this build speaks.
    pub fn supported() -> Self {
        Self(SUPPORTED.to_vec())
    }

    /// Takes a list as it came.
    pub fn new(versions: Vec<u16>) -> Result<Self, VersionsError> {
        if versions.is_empty() {
            return Err(VersionsError::Empty);
        }
        if versions.len() > limits::PROTOCOL_VERSIONS {
            return Err(VersionsError::TooMany);
        }
        if !versions.is_sorted_by(|a, b| a < b) {
            return Err(VersionsError::Unordered);
        }
        Ok(Self(versions))
    }

    /// The versions, ascending; never empty.
    pub fn as_slice(&self) -> &[u16] {
        &self.0
    }

    /// The highest version in both lists.
    pub fn best_common(&self, other: &Self) -> Option<u16> {
        let shared = self
            .0
            .iter()
            .rev()
            .find(|version| other.0.contains(version));
        shared.copied()
    }
}

impl From<Versions> for Vec<u16> {
    fn from(versions: Versions) -> Self {
        versions.0
    }
}

impl TryFrom<Vec<u16>> for Versions {
    type Error = VersionsError;

    fn try_from(versions: Vec<u16>) -> Result<Self, VersionsError> {
        Self::new(versions)
    }
}

/// Every version of what runs inside a peer connection that this build speaks, ascending.
const SUPPORTED: [u16; 1] = [1];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_of_versions_has_one_form_and_a_bound() {
        assert_eq!(Versions::new(vec![]), Err(VersionsError::Empty));
        assert_eq!(Versions::new(vec![2, 1]), Err(VersionsError::Unordered));
        assert_eq!(Versions::new(vec![1, 1]), Err(VersionsError::Unordered));
        let most: Vec<u16> = (0..16).collect();
        assert!(Versions::new(most.clone()).is_ok());
        let more = [most, vec![16]].concat();
        assert_eq!(more.len(), limits::PROTOCOL_VERSIONS + 1);
        assert_eq!(Versions::new(more), Err(VersionsError::TooMany));
    }

    #[test]
    fn what_this_build_speaks_is_a_proper_list() {
        let supported = Versions::supported();
        assert_eq!(Versions::new(supported.as_slice().to_vec()), Ok(supported));
    }

    #[test]
    fn the_best_common_version_is_the_highest_that_both_speak() {
        let list = |versions: &[u16]| Versions::new(versions.to_vec()).unwrap();
        assert_eq!(list(&[1, 2, 4]).best_common(&list(&[1, 2, 3])), Some(2));
        assert_eq!(list(&[1]).best_common(&list(&[2])), None);
    }
}
