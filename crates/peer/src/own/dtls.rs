//! The DTLS session below an association: the handshake is led by the sans-IO endpoint of `rtc-dtls`, the records
//! after it are our own.

mod records;
mod watching;

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::{Bytes, BytesMut};
use model::DtlsFingerprint;
use ring::digest;
use rtc_dtls::config::{ClientAuthType, ConfigBuilder, ExtendedMasterSecretType, HandshakeConfig};
use rtc_dtls::crypto::Certificate;
use rtc_dtls::crypto_provider::RTCCryptoProvider;
use rtc_dtls::endpoint::{Endpoint, EndpointEvent};
use rtc_dtls::extension::extension_use_srtp::SrtpProtectionProfile;
use rtc_shared::TransportProtocol;
use rtc_shared::error::Error;
use rustls_pki_types::CertificateDer;

use records::{Content, Opened, Records};
use watching::{Seen, Watching};

/// A certificate for one connection.
pub(super) struct Identity {
    provider: Arc<dyn RTCCryptoProvider>,
    certificate: Certificate,
}

/// One end of a DTLS session. It knows no addresses: the path below may change.
pub(super) struct Dtls {
    endpoint: Endpoint,
    is_client: bool,
    /// How to begin, until that is done.
    client: Option<Arc<HandshakeConfig>>,
    seen: Arc<Seen>,
    is_established: bool,
    /// Once the handshake is over, if it agreed on the usual cipher; otherwise the endpoint goes on.
    records: Option<Records>,
    /// Our last word.
    farewell: Option<BytesMut>,
}

/// What came out of a datagram.
pub(super) enum Heard {
    /// The handshake is over, with the certificate that was announced.
    Established,
    /// A packet of the association.
    Packet(Bytes),
    /// The peer said goodbye.
    Closed,
}

impl Identity {
    pub(super) fn generate(provider: Arc<dyn RTCCryptoProvider>) -> Result<Self, Error> {
        let names = vec!["wherry".to_owned()];
        let certificate = Certificate::generate_self_signed(names, provider.crypto())?;
        Ok(Self {
            provider,
            certificate,
        })
    }

    pub(super) fn fingerprint(&self) -> DtlsFingerprint {
        let certificate = self.certificate.certificate.first();
        fingerprint(certificate.map_or(&[], |it| it.as_ref()))
    }

    /// Prepares a session with the peer that announced `expected`.
    pub(super) fn session(
        &self,
        expected: DtlsFingerprint,
        is_client: bool,
    ) -> Result<Dtls, Error> {
        let verify = move |shown: &[Vec<u8>], _: &[CertificateDer<'static>]| {
            let is_expected = shown.first().is_some_and(|it| fingerprint(it) == expected);
            is_expected
                .then_some(())
                .ok_or(Error::ErrNoMatchingCertificateFingerprint)
        };
        let (watching, seen) = Watching::new(self.provider.clone());
        let config = ConfigBuilder::default()
            .with_crypto_provider(watching)
            .with_certificates(vec![self.certificate.clone()])
            .with_srtp_protection_profiles(MEDIA_PROFILES.to_vec())
            .with_client_auth(ClientAuthType::RequireAnyClientCert)
            .with_insecure_skip_verify(true) // Of authorities; the fingerprint is what counts.
            .with_verify_peer_certificate(Some(Arc::new(verify)))
            .with_extended_master_secret(ExtendedMasterSecretType::Require)
            .with_flight_interval(FLIGHT_INTERVAL)
            .with_replay_protection_window(REPLAY_WINDOW)
            .build(is_client, None)?;
        let config = Arc::new(config);
        let server = (!is_client).then(|| config.clone());
        Ok(Dtls {
            endpoint: Endpoint::new(PEER, TransportProtocol::UDP, server),
            is_client,
            client: is_client.then_some(config),
            seen,
            is_established: false,
            records: None,
            farewell: None,
        })
    }
}

impl Dtls {
    /// Says hello, if that is this side's part and has not been done.
    pub(super) fn begin(&mut self, now: Instant) {
        if let Some(config) = self.client.take() {
            // It fails for an invalid address only, and there is none.
            self.endpoint.connect(now, PEER, config, None).ok();
        }
    }

    /// Whether this side says hello first.
    pub(super) fn is_client(&self) -> bool {
        self.is_client
    }

    /// Reads one datagram; what is forged or broken says nothing.
    pub(super) fn read(&mut self, datagram: &[u8], now: Instant, heard: &mut Vec<Heard>) {
        let Some(records) = &mut self.records else {
            return self.read_slowly(datagram, now, heard);
        };
        let mut rest = datagram;
        let mut others = Vec::new();
        while let Some(opened) = records.open(&mut rest) {
            match opened {
                Opened::Data(data) => heard.push(Heard::Packet(data)),
                Opened::Other(record) => others.push(record),
                Opened::Nothing => {}
            }
        }
        for record in others {
            self.read_slowly(record, now, heard);
        }
    }

    fn read_slowly(&mut self, datagram: &[u8], now: Instant, heard: &mut Vec<Heard>) {
        let events = self
            .endpoint
            .read(now, PEER, None, BytesMut::from(datagram));
        for event in events.unwrap_or_default() {
            heard.push(match event {
                // Once: numbers that begin again with the same keys would be nonces used twice.
                EndpointEvent::HandshakeComplete if self.is_established => continue,
                EndpointEvent::HandshakeComplete => {
                    self.is_established = true;
                    self.records = Records::new(&self.seen);
                    Heard::Established
                }
                EndpointEvent::ApplicationData(data) => Heard::Packet(data.freeze()),
                EndpointEvent::PeerClosed => Heard::Closed,
                _ => continue,
            });
        }
    }

    /// Encrypts one packet and appends it to `out`.
    pub(super) fn seal(&mut self, packet: &[u8], now: Instant, out: &mut Vec<u8>) {
        if let Some(records) = &mut self.records {
            return records.seal(Content::Data, packet, out);
        }
        // It fails when the session is over, and then nothing is sent any more.
        self.endpoint.write(now, PEER, packet).ok();
        while let Some(transmit) = self.endpoint.poll_transmit() {
            out.extend_from_slice(&transmit.message);
        }
    }

    /// The next datagram of the handshake, or of its end, to send.
    pub(super) fn poll(&mut self) -> Option<BytesMut> {
        if let Some(farewell) = self.farewell.take() {
            return Some(farewell);
        }
        let transmit = self.endpoint.poll_transmit()?;
        Some(transmit.message)
    }

    pub(super) fn close(&mut self, now: Instant) {
        if let Some(records) = &mut self.records {
            let mut alert = Vec::new();
            records.seal(Content::Alert, &CLOSE_NOTIFY, &mut alert);
            self.farewell = Some(BytesMut::from(alert.as_slice()));
            return;
        }
        self.endpoint.close(now).ok();
    }

    pub(super) fn deadline(&self) -> Option<Instant> {
        self.endpoint.poll_timeout(&PEER)
    }

    pub(super) fn handle_timeout(&mut self, now: Instant) {
        // A handshake that is repeated too often ends by the deadline of whoever waits for it.
        self.endpoint.handle_timeout(PEER, now).ok();
    }

    /// The certificate that the peer has shown.
    pub(super) fn peer_fingerprint(&self) -> Option<DtlsFingerprint> {
        let state = self.endpoint.get_connection_state(PEER)?;
        state.peer_certificates.first().map(|it| fingerprint(it))
    }
}

impl fmt::Debug for Dtls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Dtls")
    }
}

fn fingerprint(certificate: &[u8]) -> DtlsFingerprint {
    let mut bytes = [0; 32];
    bytes.copy_from_slice(digest::digest(&digest::SHA256, certificate).as_ref());
    DtlsFingerprint(bytes)
}

/// The endpoint tells peers apart by address; there is only one, wherever it is.
const PEER: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 1);
/// A warning, that this is the end (RFC 5246 §7.2).
const CLOSE_NOTIFY: [u8; 2] = [1, 0];
/// First repetition of a flight that was not answered.
const FLIGHT_INTERVAL: Duration = Duration::from_millis(200);
/// Records may overtake each other by a receive window of small ones.
const REPLAY_WINDOW: usize = 4_096;
/// Stacks that can do media ask for them even when there are only data channels, and end the handshake
/// without an answer.
const MEDIA_PROFILES: [SrtpProtectionProfile; 2] = [
    SrtpProtectionProfile::Srtp_Aead_Aes_128_Gcm,
    SrtpProtectionProfile::Srtp_Aes128_Cm_Hmac_Sha1_80,
];
