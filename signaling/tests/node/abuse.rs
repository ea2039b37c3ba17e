use futures_util::SinkExt;
use signaling::{Config, HttpLimits};
use signaling_proto::message::{ClientToServer, PostOutcome, ServerRefusal};
use tokio_tungstenite::tungstenite::{Error, Message};

use super::device::{Device, direction, post};
use super::*;

#[tokio::test]
async fn a_request_head_that_comes_too_slowly_is_cut_off_while_others_are_served() {
    let http = HttpLimits {
        head_s: 1,
        ..HttpLimits::default()
    };
    let node = serve(Config {
        http,
        ..Config::default()
    })
    .await;
    let mut slow = Vec::new();
    for _ in 0..50 {
        let mut stream = TcpStream::connect(node.address).await.unwrap();
        stream
            .write_all(b"GET /ws HTTP/1.1\r\nHost: ")
            .await
            .unwrap();
        slow.push(stream);
    }
    assert!(
        get(node.address, "/health", "")
            .await
            .starts_with("HTTP/1.1 200")
    );
    for mut stream in slow {
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        assert!(answer.starts_with("HTTP/1.1 408"), "{answer}");
    }
}

#[tokio::test]
async fn a_request_head_over_eight_kibibytes_is_refused() {
    let node = serve(Config::default()).await;
    // Exactly as much as is read, so that nothing unread turns the answer into a reset.
    let start = "GET /ws HTTP/1.1\r\nHost: ";
    let long = format!("{start}{}", "a".repeat(8_192 - start.len()));
    assert!(ask(node.address, &long).await.starts_with("HTTP/1.1 431"));
}

#[tokio::test]
async fn connections_that_are_no_sockets_yet_are_limited_per_address() {
    let http = HttpLimits {
        handshakes_per_address: 2,
        ..HttpLimits::default()
    };
    let node = serve(Config {
        http,
        ..Config::default()
    })
    .await;
    let _first = TcpStream::connect(node.address).await.unwrap();
    let _second = TcpStream::connect(node.address).await.unwrap();
    let mut third = TcpStream::connect(node.address).await.unwrap();
    let mut answer = Vec::new();
    let ended = third.read_to_end(&mut answer).await;
    assert!(
        matches!(ended, Ok(0) | Err(_)),
        "it is closed without a word"
    );
}

#[tokio::test]
async fn an_address_with_too_many_sockets_is_told_so() {
    let mut config = Config::default();
    config.limits.sockets.per_address = 2;
    let node = serve(config).await;
    let _first = Device::connect(node.address).await.unwrap();
    let second = Device::connect(node.address).await.unwrap();
    assert_eq!(status(Device::connect(node.address).await), Some(429));
    drop(second);
    while Device::connect(node.address).await.is_err() {
        tokio::task::yield_now().await; // The server notices in its own time.
    }
}

#[tokio::test]
async fn sockets_are_counted_by_the_address_that_a_trusted_proxy_names() {
    let mut config = Config::default();
    config.limits.sockets.per_address = 1;
    config.proxy.trusted = vec!["127.0.0.0/8".parse().unwrap()];
    let node = serve(config.clone()).await;
    let first = Some("198.51.100.1");
    let _first = Device::connect_from(node.address, first).await.unwrap();
    let _second = Device::connect_from(node.address, Some("198.51.100.2"))
        .await
        .unwrap();
    assert_eq!(
        status(Device::connect_from(node.address, first).await),
        Some(429)
    );

    config.proxy.trusted = Vec::new();
    let node = serve(config).await;
    let _first = Device::connect_from(node.address, first).await.unwrap();
    let second = Device::connect_from(node.address, Some("198.51.100.2")).await;
    assert_eq!(status(second), Some(429), "nobody else is believed");
}

#[tokio::test]
async fn a_message_over_the_limit_closes_its_socket_and_no_other() {
    let node = serve(Config::default()).await;
    let to_ben = direction(1);
    let (mut eve, mut ana) = (
        Device::join(node.address, 1).await,
        Device::join(node.address, 2).await,
    );
    eve.say_bytes(vec![0; 64 * 1024 + 1]).await.ok();
    assert_eq!(eve.refusal().await, Some(ServerRefusal::Malformed));
    assert_eq!(ana.post(&to_ben, b"?").await, PostOutcome::Offline);
}

#[tokio::test]
async fn text_closes_the_socket() {
    let node = serve(Config::default()).await;
    let mut eve = Device::join(node.address, 1).await;
    eve.socket.send(Message::text("hello")).await.unwrap();
    assert_eq!(eve.refusal().await, Some(ServerRefusal::Malformed));
}

#[tokio::test]
async fn a_flood_is_closed_with_its_reason() {
    let node = serve(Config::default()).await;
    let mut eve = Device::join(node.address, 1).await;
    for _ in 0..500 {
        if eve
            .say_bytes(post(&direction(1), &[0; 900]).encode())
            .await
            .is_err()
        {
            break;
        }
    }
    assert_eq!(eve.refusal().await, Some(ServerRefusal::TooFast));
}

#[tokio::test]
async fn a_flood_of_websocket_pings_is_closed_with_its_reason() {
    let node = serve(Config::default()).await;
    let mut eve = Device::join(node.address, 1).await;
    for _ in 0..500 {
        if eve
            .socket
            .send(Message::Ping(Vec::new().into()))
            .await
            .is_err()
        {
            break;
        }
    }
    assert_eq!(eve.refusal().await, Some(ServerRefusal::TooFast));
}

#[tokio::test]
async fn a_socket_that_does_not_authenticate_is_closed() {
    let mut config = Config::default();
    config.limits.sockets.authenticate_s = 1;
    let node = serve(config).await;
    let mut idle = Device::connect(node.address).await.unwrap();
    assert_eq!(
        idle.refusal().await,
        Some(ServerRefusal::AuthenticationTimedOut)
    );
}

#[tokio::test]
async fn a_device_that_says_nothing_any_more_is_closed() {
    let mut config = Config::default();
    config.limits.sockets.keepalive_s = 1;
    let node = serve(config).await;
    let mut quiet = Device::join(node.address, 1).await;
    assert_eq!(quiet.refusal().await, Some(ServerRefusal::Silent));
}

#[tokio::test]
async fn a_reader_that_stops_reading_makes_its_posters_wait_and_nobody_else() {
    let node = serve(Config::default()).await;
    let (to_ben, to_carl) = (direction(1), direction(2));
    let mut ben = Device::join(node.address, 2).await;
    ben.subscribe(&to_ben).await;
    let large = vec![0; 60 * 1024];
    let mut devices = Vec::new();
    let mut last = PostOutcome::Delivered;
    // Several posters, because one alone would be too fast; the kernel's buffers take the first megabytes.
    for number in 10..60 {
        let mut device = Device::join(node.address, number).await;
        for _ in 0..30 {
            last = device.post(&to_ben, &large).await;
            if last == PostOutcome::Busy {
                break;
            }
        }
        devices.push(device);
        if last == PostOutcome::Busy {
            break;
        }
    }
    assert_eq!(last, PostOutcome::Busy);

    let mut carl = Device::join(node.address, 3).await;
    carl.subscribe(&to_carl).await;
    let mut ana = Device::join(node.address, 1).await;
    assert_eq!(ana.post(&to_carl, b"hello").await, PostOutcome::Delivered);
    assert_eq!(carl.envelope().await, b"hello");
}

#[tokio::test]
async fn nothing_is_heard_before_authentication() {
    let node = serve(Config::default()).await;
    let mut eve = Device::connect(node.address).await.unwrap();
    eve.say(&ClientToServer::AllocateCode { request: 1 }).await;
    assert_eq!(eve.refusal().await, Some(ServerRefusal::Malformed));
}

fn status(connected: Result<Device, Error>) -> Option<u16> {
    match connected {
        Err(Error::Http(response)) => Some(response.status().as_u16()),
        Ok(_) | Err(_) => None,
    }
}
