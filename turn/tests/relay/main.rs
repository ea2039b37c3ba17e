//! A real relay on loopback: real sockets, real clocks.
#![expect(
    clippy::unwrap_used,
    clippy::wildcard_enum_match_arm,
    clippy::disallowed_methods,
    reason = "a test may fail anywhere, picks the outputs it is about, and writes its own files"
)]

mod abuse;
#[cfg(target_os = "linux")]
mod coturn;
mod device;
mod operators;
mod program;
mod relaying;

use std::net::SocketAddr;

use tokio_util::sync::CancellationToken;
use turn::{Config, Relay, RelayError};
use turn_proto::credentials::{Credentials, Secret};

/// A relay on loopback, on ports of the system's choice.
struct Stage {
    relay: Relay,
    shutdown: CancellationToken,
}

impl Stage {
    async fn new(config: Config) -> Self {
        // The port that the system gave for UDP may be somebody's for TCP.
        for _ in 0..20 {
            let shutdown = CancellationToken::new();
            match Relay::bind(config.clone(), vec![secret()], shutdown.clone()).await {
                Ok(relay) => return Self { relay, shutdown },
                Err(RelayError::Listen { source, .. })
                    if source.kind() == std::io::ErrorKind::AddrInUse =>
                {
                    shutdown.cancel();
                }
                Err(error) => panic!("{error}"),
            }
        }
        panic!("no port is free for both UDP and TCP");
    }

    fn udp(&self) -> SocketAddr {
        self.relay.addresses().udp[0]
    }

    async fn stop(self) {
        self.shutdown.cancel();
        self.relay.stopped().await.unwrap();
    }
}

fn config() -> Config {
    Config {
        listen: vec!["127.0.0.1:0".parse().unwrap()],
        ..Config::default()
    }
}

fn secret() -> Secret {
    Secret::new("a secret of some length").unwrap()
}

fn unix_s() -> u64 {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    now.unwrap().as_secs()
}

fn credentials(user: &str) -> Credentials {
    secret().issue(user, unix_s() + 600)
}
