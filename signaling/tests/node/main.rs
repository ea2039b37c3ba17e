//! A node with real sockets.
#![expect(clippy::unwrap_used, reason = "a test may fail anywhere")]

mod abuse;
mod bus;
mod device;
mod mail;
mod operators;
mod program;
mod relays;
mod tls;

use std::net::{Ipv4Addr, SocketAddr};

use signaling::{Config, Server};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_util::sync::CancellationToken;

/// A node that stops with the test.
struct Running {
    address: SocketAddr,
    server: Server,
    shutdown: CancellationToken,
}

/// Serves on a free port of this machine.
async fn serve(config: Config) -> Running {
    let config = Config {
        listen: vec![SocketAddr::from((Ipv4Addr::LOCALHOST, 0))],
        ..config
    };
    let shutdown = CancellationToken::new();
    let server = Server::bind(config, shutdown.clone()).await.unwrap();
    Running {
        address: server.local_addr(),
        server,
        shutdown,
    }
}

/// Sends a request as it is and returns the whole answer.
async fn ask(address: SocketAddr, request: &str) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

async fn get(address: SocketAddr, path: &str, headers: &str) -> String {
    ask(
        address,
        &format!("GET {path} HTTP/1.1\r\nHost: node\r\n{headers}\r\n"),
    )
    .await
}
