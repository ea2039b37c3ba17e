//! What operators see.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::device::{Device, Way};
use super::{Config, Stage, config, credentials};

async fn get(stage: &Stage, path: &str) -> String {
    let address = stage.relay.addresses().metrics.unwrap();
    let mut stream = TcpStream::connect(address).await.unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nHost: relay\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

#[tokio::test]
async fn health_and_figures_are_served() {
    let stage = Stage::new(Config {
        metrics_listen: Some("127.0.0.1:0".parse().unwrap()),
        ..config()
    })
    .await;
    let way = Way::udp(stage.udp()).await;
    let (_device, _) = Device::allocate(way, credentials("ana")).await.unwrap();
    let health = get(&stage, "/health").await;
    assert!(
        health.starts_with("HTTP/1.1 200 OK") && health.ends_with("ok\n"),
        "{health}"
    );
    let figures = get(&stage, "/metrics").await;
    assert!(
        figures.contains("\nwherry_turn_allocations 1\n"),
        "{figures}"
    );
    assert!(
        figures.contains("\nwherry_turn_allocations_made_total 1\n"),
        "{figures}"
    );
    assert!(get(&stage, "/other").await.starts_with("HTTP/1.1 404"));
    stage.stop().await;
}
