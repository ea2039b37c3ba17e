use std::path::Path;
use std::sync::Arc;

use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::{CertificateDer, ServerName};
use signaling::{ServeError, TlsFiles};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_tungstenite::client_async;

use super::device::{Device, direction};
use super::*;

/// Writes a new certificate for `localhost` into the folder, and returns it.
async fn issue(folder: &Path) -> CertificateDer<'static> {
    let issued = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    let key = issued.signing_key.serialize_pem();
    tokio::fs::write(folder.join("key.pem"), key).await.unwrap();
    tokio::fs::write(folder.join("chain.pem"), issued.cert.pem())
        .await
        .unwrap();
    issued.cert.der().clone()
}

fn files(folder: &Path) -> TlsFiles {
    TlsFiles {
        check_s: 1,
        ..TlsFiles::new(folder.join("chain.pem"), folder.join("key.pem"))
    }
}

async fn connect(
    address: SocketAddr,
    trusted: &CertificateDer<'static>,
    version: &'static rustls::SupportedProtocolVersion,
) -> std::io::Result<TlsStream<TcpStream>> {
    let mut roots = RootCertStore::empty();
    roots.add(trusted.clone()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(&[version])
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let stream = TcpStream::connect(address).await?;
    let name = ServerName::try_from("localhost").unwrap();
    TlsConnector::from(Arc::new(config))
        .connect(name, stream)
        .await
}

#[tokio::test]
async fn devices_connect_under_tls_of_both_versions() {
    let folder = tempfile::tempdir().unwrap();
    let certificate = issue(folder.path()).await;
    let tls = Some(files(folder.path()));
    let node = serve(Config {
        tls,
        ..Config::default()
    })
    .await;
    for version in [&rustls::version::TLS12, &rustls::version::TLS13] {
        let stream = connect(node.address, &certificate, version).await.unwrap();
        let (socket, _) = client_async("wss://localhost/ws", stream).await.unwrap();
        let mut device = Device::challenged(socket).await;
        device.authenticate(1, 1).await;
        device.subscribe(&direction(1)).await;
    }
}

#[tokio::test]
async fn a_renewed_certificate_is_used_without_a_restart_and_a_broken_one_is_not() {
    let folder = tempfile::tempdir().unwrap();
    let old = issue(folder.path()).await;
    let tls = Some(files(folder.path()));
    let node = serve(Config {
        tls,
        ..Config::default()
    })
    .await;
    let version = &rustls::version::TLS13;
    connect(node.address, &old, version).await.unwrap();

    tokio::fs::write(folder.path().join("chain.pem"), "broken")
        .await
        .unwrap();
    tokio::time::sleep(std::time::Duration::from_secs(2)).await;
    connect(node.address, &old, version).await.unwrap();

    let new = issue(folder.path()).await;
    while connect(node.address, &new, version).await.is_err() {
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    assert!(connect(node.address, &old, version).await.is_err());
}

#[tokio::test]
async fn a_node_without_its_certificate_does_not_start() {
    let folder = tempfile::tempdir().unwrap();
    let config = Config {
        listen: vec![SocketAddr::from((Ipv4Addr::LOCALHOST, 0))],
        tls: Some(files(folder.path())),
        ..Config::default()
    };
    let started = Server::bind(config, CancellationToken::new()).await;
    assert!(matches!(started.err(), Some(ServeError::Tls(_))));
}
