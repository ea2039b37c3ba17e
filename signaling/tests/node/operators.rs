use signaling_proto::message::ServerToClient;

use super::device::Device;
use super::*;

const UPGRADE: &str = "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n\
    Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n";

#[tokio::test]
async fn a_node_says_how_it_is() {
    let node = serve(Config::default()).await;
    assert!(
        get(node.address, "/health", "")
            .await
            .starts_with("HTTP/1.1 200")
    );
    assert!(
        get(node.address, "/ready", "")
            .await
            .starts_with("HTTP/1.1 200")
    );
    assert!(
        get(node.address, "/elsewhere", "")
            .await
            .starts_with("HTTP/1.1 404")
    );
    assert!(
        get(node.address, "/ws", "")
            .await
            .starts_with("HTTP/1.1 426")
    );
    let proper = get(node.address, "/ws", &UPGRADE.replace("13", "7")).await;
    assert!(proper.starts_with("HTTP/1.1 400"));
    assert!(
        ask(node.address, "hello\r\n\r\n")
            .await
            .starts_with("HTTP/1.1 400")
    );
}

#[tokio::test]
async fn metrics_are_for_this_machine_only() {
    let node = serve(Config::default()).await;
    let _device = Device::join(node.address, 1).await;
    let page = get(node.address, "/metrics", "").await;
    assert!(page.starts_with("HTTP/1.1 200"));
    assert!(page.contains("\nwherry_signaling_sockets 1\n"));
    assert!(page.contains("\nwherry_signaling_posts_total{outcome=\"delivered\"} 0\n"));

    let from_afar = get(
        node.address,
        "/metrics",
        "X-Forwarded-For: 198.51.100.1\r\n",
    )
    .await;
    assert!(from_afar.starts_with("HTTP/1.1 404"));
}

#[tokio::test]
async fn metrics_have_a_door_of_their_own_through_which_no_device_comes() {
    let metrics_listen = Some(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)));
    let node = serve(Config {
        metrics_listen,
        ..Config::default()
    })
    .await;
    let door = node.server.metrics_addr().unwrap();
    assert!(
        get(door, "/metrics", "")
            .await
            .contains("wherry_signaling_sockets 0")
    );
    assert!(get(door, "/ready", "").await.starts_with("HTTP/1.1 200"));
    assert!(get(door, "/ws", UPGRADE).await.starts_with("HTTP/1.1 404"));
}

#[tokio::test]
async fn a_stopping_node_tells_its_devices_turns_others_away_and_ends() {
    let node = serve(Config {
        drain_s: 60,
        ..Config::default()
    })
    .await;
    let mut device = Device::join(node.address, 1).await;
    node.shutdown.cancel();
    assert_eq!(device.hear().await, Some(ServerToClient::GoAway));
    assert!(
        get(node.address, "/ready", "")
            .await
            .starts_with("HTTP/1.1 503")
    );
    assert!(
        get(node.address, "/health", "")
            .await
            .starts_with("HTTP/1.1 200")
    );
    assert!(
        get(node.address, "/ws", UPGRADE)
            .await
            .starts_with("HTTP/1.1 503")
    );

    drop(device);
    node.server.stopped().await.unwrap();
    assert!(TcpStream::connect(node.address).await.is_err());
}

#[tokio::test]
async fn a_node_that_has_drained_closes_the_sockets_that_stayed() {
    let node = serve(Config {
        drain_s: 0,
        ..Config::default()
    })
    .await;
    let mut device = Device::join(node.address, 1).await;
    node.shutdown.cancel();
    assert_eq!(device.hear().await, Some(ServerToClient::GoAway));
    assert_eq!(device.hear().await, None);
    node.server.stopped().await.unwrap();
}
