#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "a test picks the events it is about"
)]

use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;

use model::{Day, DeviceId, DirectionKeys, PairChain, PairSecret};
use signaling::{Config, Server, TlsFiles};
use signaling_proto::client::MailboxSubscription;
use signaling_proto::message::{CodeRefusal, PairingEnd, PairingMood, PostOutcome, ServerRefusal};

use super::*;

struct Device {
    link: LinkHandle,
    events: mpsc::Receiver<LinkEvent>,
}

impl Device {
    fn start(url: &str, number: u8, ca_file: Option<PathBuf>) -> Self {
        let cancel = CancellationToken::new();
        let (link, events) = SignalingLink::start(
            Target::parse(url, ca_file).unwrap(),
            [number; 32],
            7,
            cancel,
        );
        Self { link, events }
    }

    async fn online(url: &str, number: u8) -> Self {
        let mut device = Self::start(url, number, None);
        assert_eq!(device.next().await, LinkEvent::Online);
        device
    }

    async fn next(&mut self) -> LinkEvent {
        let event = timeout(Duration::from_secs(30), self.events.recv()).await;
        event.expect("something happens").expect("the link lives")
    }

    async fn post(&mut self, keys: &DirectionKeys, envelope: &[u8]) -> PostOutcome {
        let post = ClientInput::Post {
            ticket: 5,
            mailbox: keys.mailbox(),
            token: keys.post_token,
            envelope: envelope.to_vec(),
            lifetime: Duration::from_secs(30),
        };
        self.link.send(post).await.unwrap();
        match self.next().await {
            LinkEvent::PostFinished { ticket: 5, outcome } => outcome,
            other => panic!("the post finishes: {other:?}"),
        }
    }
}

async fn serve(config: Config) -> (Server, CancellationToken) {
    let shutdown = CancellationToken::new();
    let config = Config {
        listen: vec![SocketAddr::from((Ipv4Addr::LOCALHOST, 0))],
        drain_s: 0,
        ..config
    };
    let server = Server::bind(config, shutdown.clone()).await.unwrap();
    (server, shutdown)
}

fn url(server: &Server) -> String {
    format!("ws://{}", server.local_addr())
}

fn direction(number: u8) -> DirectionKeys {
    let day = Day(20_460);
    let chain = PairChain::start(&PairSecret([number; 32]), day);
    let keys = chain.keys(day, &DeviceId([1; 32]), &DeviceId([2; 32]));
    keys.unwrap().to_own
}

#[tokio::test]
async fn two_devices_exchange_envelopes_through_a_real_server() {
    let (server, _shutdown) = serve(Config::default()).await;
    let (mut ana, mut ben) = (
        Device::online(&url(&server), 1).await,
        Device::online(&url(&server), 2).await,
    );
    let to_ben = direction(1);
    assert_eq!(ana.post(&to_ben, b"early").await, PostOutcome::Offline);

    let subscriptions = vec![MailboxSubscription::of(to_ben.clone())];
    ben.link
        .send(ClientInput::SetMailboxes(subscriptions))
        .await
        .unwrap();
    while ana.post(&to_ben, b"hello").await == PostOutcome::Offline {
        tokio::task::yield_now().await; // The subscription is on its way.
        tokio::time::sleep(Duration::from_millis(100)).await;
    }

    let mailbox = to_ben.mailbox();
    let envelope = b"hello".to_vec();
    assert_eq!(
        ben.next().await,
        LinkEvent::EnvelopeReceived { mailbox, envelope }
    );
}

#[tokio::test]
async fn two_devices_talk_through_a_code() {
    let (server, _shutdown) = serve(Config::default()).await;
    let (mut ana, mut ben) = (
        Device::online(&url(&server), 1).await,
        Device::online(&url(&server), 2).await,
    );
    ana.link
        .send(ClientInput::AllocateCode { ticket: 1 })
        .await
        .unwrap();
    let LinkEvent::CodeAllocated {
        ticket: 1,
        nameplate,
        ..
    } = ana.next().await
    else {
        panic!("a code")
    };
    ben.link
        .send(ClientInput::ClaimCode {
            ticket: 2,
            nameplate,
        })
        .await
        .unwrap();
    assert_eq!(
        ben.next().await,
        LinkEvent::CodeClaimed {
            ticket: 2,
            nameplate
        }
    );
    assert_eq!(ana.next().await, LinkEvent::PairingPeerJoined { nameplate });

    let body = b"hello".to_vec();
    let said = ClientInput::SendPairing {
        nameplate,
        body: body.clone(),
    };
    ana.link.send(said).await.unwrap();
    assert_eq!(
        ben.next().await,
        LinkEvent::PairingReceived { nameplate, body }
    );
    let mood = PairingMood::WrongCode;
    ben.link
        .send(ClientInput::ClosePairing { nameplate, mood })
        .await
        .unwrap();
    let end = PairingEnd::WrongCode;
    assert_eq!(
        ana.next().await,
        LinkEvent::PairingClosed { nameplate, end }
    );
    ben.link
        .send(ClientInput::ClaimCode {
            ticket: 3,
            nameplate,
        })
        .await
        .unwrap();
    let reason = CodeRefusal::UnknownCode;
    assert_eq!(
        ben.next().await,
        LinkEvent::CodeRefused { ticket: 3, reason }
    );
}

#[tokio::test]
async fn a_link_comes_back_when_its_server_does() {
    let (server, shutdown) = serve(Config::default()).await;
    let address = server.local_addr();
    let mut ana = Device::online(&url(&server), 1).await;
    shutdown.cancel();
    server.stopped().await.unwrap();
    assert!(matches!(ana.next().await, LinkEvent::Offline { .. }));

    let again = Config {
        listen: vec![address],
        ..Config::default()
    };
    let _server = Server::bind(again, CancellationToken::new()).await.unwrap();
    // Not after up to thirty seconds, but now: the network is said to have changed.
    loop {
        ana.link.send(ClientInput::NetworkChanged).await.unwrap();
        match ana.next().await {
            LinkEvent::Online => break,
            LinkEvent::Offline { .. } => {}
            other => panic!("it connects again: {other:?}"),
        }
    }
}

#[tokio::test]
async fn a_server_under_tls_is_trusted_by_its_authority_only() {
    let folder = tempfile::tempdir().unwrap();
    let issued = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    let (chain, key) = (
        folder.path().join("chain.pem"),
        folder.path().join("key.pem"),
    );
    tokio::fs::write(&chain, issued.cert.pem()).await.unwrap();
    tokio::fs::write(&key, issued.signing_key.serialize_pem())
        .await
        .unwrap();
    let tls = Some(TlsFiles::new(chain.clone(), key));
    let (server, _shutdown) = serve(Config {
        tls,
        ..Config::default()
    })
    .await;
    let url = format!("wss://localhost:{}/ws", server.local_addr().port());

    let mut trusting = Device::start(&url, 1, Some(chain));
    assert_eq!(trusting.next().await, LinkEvent::Online);
    let mut wary = Device::start(&url, 2, None);
    assert!(matches!(wary.next().await, LinkEvent::Offline { .. }));
}

#[tokio::test]
async fn a_fifth_process_of_one_device_is_told_so() {
    let (server, _shutdown) = serve(Config::default()).await;
    let url = url(&server);
    let mut links = Vec::new();
    for epoch in 0..5 {
        let cancel = CancellationToken::new();
        let (link, events) =
            SignalingLink::start(Target::parse(&url, None).unwrap(), [1; 32], epoch, cancel);
        links.push(Device { link, events });
        let expected = match epoch {
            4 => LinkEvent::Refused(ServerRefusal::TooManySockets),
            _ => LinkEvent::Online,
        };
        assert_eq!(links.last_mut().unwrap().next().await, expected);
    }
}

#[tokio::test]
async fn what_is_no_address_of_a_server_is_refused_at_once() {
    for url in [
        "",
        "https://example.org",
        "example.org",
        "ws://",
        "wss://:80/ws",
        "ws:///ws",
    ] {
        let started = Target::parse(url, None);
        assert!(matches!(started, Err(LinkError::BadUrl)), "{url}");
    }
    let missing = Some(Path::new("missing.pem").to_owned());
    let url = "wss://example.org";
    let started = Target::parse(url, missing);
    assert!(matches!(started, Err(LinkError::CaFile { .. })));
}

#[tokio::test]
async fn a_cancelled_link_ends_its_events() {
    let (server, _shutdown) = serve(Config::default()).await;
    let cancel = CancellationToken::new();
    let started = SignalingLink::start(
        Target::parse(&url(&server), None).unwrap(),
        [1; 32],
        1,
        cancel.clone(),
    );
    let (link, mut events) = started;
    cancel.cancel();
    while events.recv().await.is_some() {}
    assert_eq!(link.try_send(ClientInput::Timeout), Err(LinkBusy::Closed));
}
