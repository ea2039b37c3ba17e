//! The relay that a node is as well, and who gets credentials for it.

use signaling::Relays;
use signaling_proto::message::{ClientToServer, RelayGrant, RelayTransport, ServerToClient};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpStream, UdpSocket};

use crate::device::Device;
use crate::{Config, get, serve};

/// Asks where it is seen (RFC 8489, section 6).
const BINDING_REQUEST: [u8; 20] = [
    0, 1, 0, 0, 0x21, 0x12, 0xa4, 0x42, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7,
];

async fn granted(device: &mut Device) -> RelayGrant {
    device.say(&ClientToServer::AskRelays { request: 5 }).await;
    match device.hear().await {
        Some(ServerToClient::Relays { request: 5, grant }) => grant,
        other => panic!("a grant answers: {other:?}"),
    }
}

#[tokio::test]
async fn a_node_answers_stun_on_its_own_ports_and_still_serves() {
    let node = serve(Config::default()).await;
    let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    socket
        .send_to(&BINDING_REQUEST, node.address)
        .await
        .unwrap();
    let mut answer = [0; 128];
    let (length, _) = socket.recv_from(&mut answer).await.unwrap();
    assert_eq!(
        (&answer[..2], &answer[4..20]),
        (&[1, 1][..], &BINDING_REQUEST[4..])
    );
    assert!(length > 20);

    let mut stream = TcpStream::connect(node.address).await.unwrap();
    for _ in 0..2 {
        // In pieces, as networks may do it.
        stream.write_all(&BINDING_REQUEST[..3]).await.unwrap();
        stream.write_all(&BINDING_REQUEST[3..]).await.unwrap();
        let mut answer = [0; 32];
        stream.read_exact(&mut answer).await.unwrap();
        assert_eq!(&answer[..2], &[1, 1]);
    }
    assert!(
        get(node.address, "/health", "")
            .await
            .starts_with("HTTP/1.1 200")
    );
    node.shutdown.cancel();
    drop(stream);
    node.server.stopped().await.unwrap();
}

#[tokio::test]
async fn an_authenticated_device_gets_credentials_for_the_nodes_relay() {
    let node = serve(Config::default()).await;
    let mut device = Device::join(node.address, 1).await;
    let grant = granted(&mut device).await;
    assert!(grant.is_well_formed() && !grant.password.is_empty());
    assert_eq!(grant.lifetime_s, 3_600);
    let ways: Vec<_> = grant
        .relays
        .iter()
        .map(|it| (it.host.as_str(), it.port, it.transport))
        .collect();
    let port = node.address.port();
    assert_eq!(
        ways,
        [
            ("", port, RelayTransport::Udp),
            ("", port, RelayTransport::Tcp)
        ]
    );
    let mut other = Device::join(node.address, 2).await;
    let (_, one) = grant.username.split_once(':').unwrap();
    let others = granted(&mut other).await;
    assert_ne!(others.username.split_once(':').unwrap().1, one);
}

#[tokio::test]
async fn relays_elsewhere_are_told_of_and_a_node_that_relays_nothing_says_so() {
    let config = |relays| Config {
        relays,
        ..Config::default()
    };
    let node = serve(config(Relays {
        serve: false,
        elsewhere: vec!["turns:relay.example.org:443".parse().unwrap()],
        ..Relays::default()
    }))
    .await;
    let grant = granted(&mut Device::join(node.address, 1).await).await;
    assert_eq!(grant.relays.len(), 1);
    assert_eq!(grant.relays[0].host, "relay.example.org");
    let node = serve(config(Relays {
        serve: false,
        ..Relays::default()
    }))
    .await;
    let grant = granted(&mut Device::join(node.address, 1).await).await;
    assert_eq!(grant, RelayGrant::default());
    let mut stream = TcpStream::connect(node.address).await.unwrap();
    stream.write_all(&BINDING_REQUEST).await.unwrap();
    assert_eq!(
        stream.read(&mut [0; 1]).await.unwrap_or(0),
        0,
        "nobody answers"
    );
}
