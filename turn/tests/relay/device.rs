//! A device with an allocation, over UDP, TCP or TLS.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpStream, UdpSocket};
use tokio::time::timeout;
use turn::Duplex;
use turn_proto::Family;
use turn_proto::client::{Client, ClientConfig, ClientOutput, EndReason, Sending};
use turn_proto::credentials::Credentials;
use turn_proto::frame;

/// The operating system's random bytes.
pub(crate) struct SystemEntropy;

impl model::Entropy for SystemEntropy {
    fn fill(&mut self, bytes: &mut [u8]) {
        getrandom::fill(bytes).unwrap();
    }
}

/// How a device speaks to the relay.
pub(crate) enum Way {
    Udp(UdpSocket),
    Stream(Box<dyn Duplex>, Vec<u8>),
}

impl Way {
    pub(crate) async fn udp(relay: SocketAddr) -> Self {
        let any = if relay.is_ipv4() {
            "0.0.0.0:0"
        } else {
            "[::]:0"
        };
        let socket = UdpSocket::bind(any).await.unwrap();
        socket.connect(relay).await.unwrap();
        Self::Udp(socket)
    }

    pub(crate) async fn tcp(relay: SocketAddr) -> Self {
        let stream = TcpStream::connect(relay).await.unwrap();
        Self::Stream(Box::new(stream), Vec::new())
    }

    pub(crate) async fn tls(relay: SocketAddr, roots: rustls::RootCertStore) -> Self {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = rustls::ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        let stream = TcpStream::connect(relay).await.unwrap();
        let name = "localhost".try_into().unwrap();
        let connector = tokio_rustls::TlsConnector::from(Arc::new(config));
        let stream = connector.connect(name, stream).await.unwrap();
        Self::Stream(Box::new(stream), Vec::new())
    }

    async fn send(&mut self, bytes: &[u8]) {
        match self {
            Self::Udp(socket) => {
                socket.send(bytes).await.unwrap();
            }
            Self::Stream(stream, _) => {
                stream.write_all(bytes).await.unwrap();
                stream.flush().await.unwrap();
            }
        }
    }

    /// One whole frame, or nothing when the connection is over.
    async fn receive(&mut self) -> Option<Vec<u8>> {
        match self {
            Self::Udp(socket) => {
                let mut datagram = vec![0; 65_536];
                let length = socket.recv(&mut datagram).await.ok()?;
                datagram.truncate(length);
                Some(datagram)
            }
            Self::Stream(stream, read) => loop {
                if let Some((_, taken)) = frame::of_stream(read).unwrap() {
                    return Some(read.drain(..taken).collect());
                }
                if stream.read_buf(read).await.ok()? == 0 {
                    return None;
                }
            },
        }
    }
}

pub(crate) struct Device {
    pub(crate) client: Client,
    said: Vec<ClientOutput>,
    way: Way,
    data: Vec<(SocketAddr, Vec<u8>)>,
}

impl Device {
    /// Asks for an allocation and waits for what becomes of it.
    pub(crate) async fn allocate(
        way: Way,
        credentials: Credentials,
    ) -> Result<(Self, SocketAddr), EndReason> {
        Self::allocate_of(way, credentials, Family::V4).await
    }

    pub(crate) async fn allocate_of(
        way: Way,
        credentials: Credentials,
        family: Family,
    ) -> Result<(Self, SocketAddr), EndReason> {
        let is_stream = matches!(way, Way::Stream(..));
        let config = ClientConfig::new(credentials, family, is_stream);
        let mut device = Self {
            client: Client::new(config, Box::new(SystemEntropy), Instant::now()),
            said: Vec::new(),
            way,
            data: Vec::new(),
        };
        loop {
            let said = device.next().await;
            match said {
                ClientOutput::Allocated { relayed, .. } => return Ok((device, relayed)),
                ClientOutput::Ended(reason) => return Err(reason),
                _ => {}
            }
        }
    }

    /// Whether the relay lets datagrams to and from `ip` pass.
    pub(crate) async fn permit(&mut self, ip: IpAddr) -> bool {
        self.client.permit(ip, Instant::now());
        loop {
            match self.next().await {
                ClientOutput::Permitted(it) if it == ip => return true,
                ClientOutput::Refused(it) if it == ip => return false,
                ClientOutput::Ended(reason) => panic!("{reason}"),
                _ => {}
            }
        }
    }

    pub(crate) async fn bind(&mut self, peer: SocketAddr) {
        self.client.bind(peer, Instant::now());
        let mut wire = Vec::new();
        while self.client.wrap(peer, b"1234", &mut wire) != Sending::Written || wire.len() != 8 {
            wire.clear();
            self.step().await;
        }
    }

    pub(crate) async fn release(mut self) {
        self.client.release(Instant::now());
        while !matches!(self.next().await, ClientOutput::Ended(EndReason::Released)) {}
    }

    pub(crate) async fn send(&mut self, peer: SocketAddr, payload: &[u8]) {
        let mut wire = Vec::new();
        assert_eq!(self.client.wrap(peer, payload, &mut wire), Sending::Written);
        self.way.send(&wire).await;
    }

    pub(crate) async fn receive(&mut self) -> (SocketAddr, Vec<u8>) {
        while self.data.is_empty() {
            self.step().await;
        }
        self.data.remove(0)
    }

    /// What arrives within a moment, if anything does.
    pub(crate) async fn receive_soon(&mut self) -> Option<(SocketAddr, Vec<u8>)> {
        timeout(MOMENT, self.receive()).await.ok()
    }

    /// Whether the relay closes the connection.
    pub(crate) async fn is_cut(&mut self) -> bool {
        loop {
            match self.way.receive().await {
                Some(_) => {}
                None => return true,
            }
        }
    }

    async fn next(&mut self) -> ClientOutput {
        loop {
            self.flush().await;
            if !self.said.is_empty() {
                return self.said.remove(0);
            }
            self.step().await;
        }
    }

    async fn step(&mut self) {
        self.flush().await;
        let due = self.client.deadline();
        let pause = due.map_or(MOMENT, |at| at.saturating_duration_since(Instant::now()));
        match timeout(pause, self.way.receive()).await {
            Ok(Some(bytes)) => {
                let frame = frame::of_datagram(&bytes).unwrap();
                let data = self.client.handle_frame(frame, Instant::now());
                self.data
                    .extend(data.map(|(peer, payload)| (peer, payload.to_vec())));
            }
            Ok(None) => panic!("the relay has closed the connection"),
            Err(_) => self.client.handle_timeout(Instant::now()),
        }
        self.flush().await;
    }

    async fn flush(&mut self) {
        while let Some(output) = self.client.poll_output() {
            match output {
                ClientOutput::Send(bytes) => self.way.send(&bytes).await,
                said => self.said.push(said),
            }
        }
    }
}

/// Long enough for loopback; only waited for where nothing is to come.
const MOMENT: Duration = Duration::from_millis(300);
