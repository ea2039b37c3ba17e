//! A server's certificate, read again whenever its files change.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use rustls_pki_types::pem;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use tokio::sync::watch;
use tokio::task::spawn_blocking;
use tokio_rustls::TlsAcceptor;
use tracing::{info, warn};

use crate::config::TlsFiles;
use crate::disk;

/// Why a server has no certificate.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file cannot be read, or is no PEM of its kind.
    #[error("{} cannot be used: {source}", path.display())]
    File {
        /// Which one.
        path: PathBuf,
        /// Why.
        source: pem::Error,
    },
    /// The chain is empty.
    #[error("{} holds no certificate", path.display())]
    NoCertificate {
        /// Which file.
        path: PathBuf,
    },
    /// Key and certificate do not fit, or are of a kind that is not spoken here.
    #[error("the certificate cannot be used: {0}")]
    Unusable(#[from] rustls::Error),
    /// The process is about to end.
    #[error("the certificate was not read")]
    Cancelled,
}

/// The present certificate of a server, and the files it came from.
pub struct Certificate {
    files: TlsFiles,
    /// What is spoken inside (RFC 7301); empty says nothing about it.
    protocol: &'static [u8],
    material: Material,
    acceptor: watch::Sender<TlsAcceptor>,
}

#[derive(PartialEq, Eq)]
struct Material {
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
}

impl Certificate {
    /// Reads both files, for connections in which `protocol` is spoken; empty leaves that open.
    pub async fn load(files: TlsFiles, protocol: &'static [u8]) -> Result<Self, TlsError> {
        let material = Material::read(files.clone()).await?;
        let (acceptor, _) = watch::channel(material.acceptor(protocol)?);
        Ok(Self {
            files,
            protocol,
            material,
            acceptor,
        })
    }

    /// Always the present certificate.
    pub fn acceptor(&self) -> watch::Receiver<TlsAcceptor> {
        self.acceptor.subscribe()
    }

    /// Looks at the files again and again; what cannot be used changes nothing.
    pub async fn watch(mut self) {
        let pause = Duration::from_secs(self.files.check_s.max(1).into());
        loop {
            tokio::time::sleep(pause).await;
            match self.reload().await {
                Ok(true) => info!("the certificate was renewed"),
                Ok(false) => {}
                Err(error) => {
                    warn!(%error, "the certificate files cannot be used: keeping the old ones")
                }
            }
        }
    }

    async fn reload(&mut self) -> Result<bool, TlsError> {
        let material = Material::read(self.files.clone()).await?;
        if material == self.material {
            return Ok(false);
        }
        self.acceptor
            .send_replace(material.acceptor(self.protocol)?);
        self.material = material;
        Ok(true)
    }
}

impl Material {
    async fn read(files: TlsFiles) -> Result<Self, TlsError> {
        let read = spawn_blocking(move || disk::read_certificate(&files)).await;
        let (chain, key) = read.map_err(|_| TlsError::Cancelled)??;
        Ok(Self { chain, key })
    }

    fn acceptor(&self, protocol: &[u8]) -> Result<TlsAcceptor, TlsError> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut config = rustls::ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(self.chain.clone(), self.key.clone_key())?;
        if !protocol.is_empty() {
            config.alpn_protocols = vec![protocol.to_vec()];
        }
        Ok(TlsAcceptor::from(Arc::new(config)))
    }
}
