//! The one place where the server reads files: its configuration and its certificate.

use std::io;
use std::path::{Path, PathBuf};

use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};

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

/// Reads a configuration file (TOML).
pub async fn read_config(path: &Path) -> Result<Config, ReadError> {
    let path = path.to_owned();
    match tokio::fs::read_to_string(&path).await {
        Ok(text) => Config::parse(&text).map_err(|source| ReadError::Invalid { path, source }),
        Err(source) => Err(ReadError::Unreadable { path, source }),
    }
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
