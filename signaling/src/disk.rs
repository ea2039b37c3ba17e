//! The one place where the server reads files: its configuration.

use std::io;
use std::path::{Path, PathBuf};

use crate::config::{Config, ConfigError};

/// Why there is no configuration.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The file cannot be read.
    #[error("{} cannot be read: {source}", path.display())]
    Unreadable {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The file is no configuration.
    #[error("{}: {source}", path.display())]
    Invalid {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: ConfigError,
    },
}

/// Reads a configuration file (TOML).
pub async fn read_config(path: &Path) -> Result<Config, ReadError> {
    let path = path.to_owned();
    match tokio::fs::read_to_string(&path).await {
        Ok(text) => Config::parse(&text).map_err(|source| ReadError::Invalid { path, source }),
        Err(source) => Err(ReadError::Unreadable { path, source }),
    }
}
