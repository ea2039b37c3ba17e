//! The one place where the relay reads files: its configuration, its certificate and its secrets.

use std::io;
use std::path::{Path, PathBuf};

use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use turn_proto::credentials::{Secret, SecretError};

use crate::config::{Config, ConfigError, TlsFiles};
use crate::tls::TlsError;

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

/// Why there is no secret.
#[derive(Debug, thiserror::Error)]
pub enum SecretFileError {
    /// The file cannot be read.
    #[error("{} cannot be read: {source}", path.display())]
    Unreadable {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The file holds no secret.
    #[error("{}: {source}", path.display())]
    Invalid {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: SecretError,
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

/// Reads one secret from each file, without the white space around it.
pub async fn read_secrets(paths: &[PathBuf]) -> Result<Vec<Secret>, SecretFileError> {
    let mut secrets = Vec::new();
    for path in paths {
        let text = tokio::fs::read_to_string(path).await;
        let text = text.map_err(|source| SecretFileError::Unreadable {
            path: path.clone(),
            source,
        })?;
        let secret = Secret::new(&text).map_err(|source| SecretFileError::Invalid {
            path: path.clone(),
            source,
        })?;
        secrets.push(secret);
    }
    Ok(secrets)
}

/// Reads a certificate chain and its key, both small.
pub(crate) fn read_certificate(
    files: &TlsFiles,
) -> Result<(Vec<CertificateDer<'static>>, PrivateKeyDer<'static>), TlsError> {
    let unusable = |path: &PathBuf| {
        let path = path.clone();
        move |source| TlsError::File { path, source }
    };
    let chain = CertificateDer::pem_file_iter(&files.certificate)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(unusable(&files.certificate))?;
    if chain.is_empty() {
        let path = files.certificate.clone();
        return Err(TlsError::NoCertificate { path });
    }
    let key = PrivateKeyDer::from_pem_file(&files.key).map_err(unusable(&files.key))?;
    Ok((chain, key))
}
