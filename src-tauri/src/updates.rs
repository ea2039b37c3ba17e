//! New versions of this program, in packages that no package manager renews.
//!
//! A package that renews itself is built with the feature `updates` and knows one key; whatever that key did not sign is not
//! installed. Nothing is asked of anybody unless the setting `updates` or a person says so.

#[cfg(not(feature = "updates"))]
mod packaged;
#[cfg(feature = "updates")]
mod signed;

#[cfg(not(feature = "updates"))]
pub(crate) use packaged::{install, look, plugin};
use serde::Serialize;
#[cfg(feature = "updates")]
pub(crate) use signed::{install, look, plugin};

/// Whether this program can renew itself; otherwise a package manager does.
pub(crate) const RENEWS_ITSELF: bool = cfg!(feature = "updates");

/// A version that is newer than this one.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct NewVersion {
    version: String,
}

/// Why there is no new version.
#[derive(Debug, thiserror::Error)]
#[cfg_attr(
    not(feature = "updates"),
    expect(dead_code, reason = "a package manager does this")
)]
pub(crate) enum UpdateError {
    /// Nobody tells which version is the newest.
    #[error("Where new versions are told of cannot be reached: {0}.")]
    Unreachable(String),
    /// It is not signed with the key that this program knows.
    #[error("The new version is not signed by who made this one. It is not installed: {0}.")]
    Forged(String),
    /// A package manager renews this program.
    #[cfg(not(feature = "updates"))]
    #[error("New versions come with the package manager.")]
    NotHere,
    /// The system refused.
    #[error("The new version cannot be installed: {0}.")]
    Failed(String),
}
