use turn::Config;
use turn_proto::credentials::Secret;

use super::*;
use tokio_util::sync::CancellationToken;

struct Stage {
    relay: turn::Relay,
    shutdown: CancellationToken,
}

impl Stage {
    async fn at(address: SocketAddr) -> Self {
        let config = Config {
            listen: Vec::new(),
            udp_listen: vec![address],
            ..Config::default()
        };
        let shutdown = CancellationToken::new();
        let relay = turn::Relay::bind(config, vec![secret()], shutdown.clone()).await;
        Self {
            relay: relay.unwrap(),
            shutdown,
        }
    }

    async fn stop(self) -> SocketAddr {
        let at = self.relay.addresses().udp[0];
        self.shutdown.cancel();
        self.relay.stopped().await.unwrap();
        at
    }

    async fn allocate(&self) -> Relay {
        let at = self.relay.addresses().udp[0];
        let credentials = secret().issue("ana", unix_s() + 600);
        let access = RelayAccess::new(credentials, RelayWay::Udp(Arc::new(at)));
        Relay::allocate(&[access]).await.unwrap()
    }
}

fn secret() -> Secret {
    Secret::new("a secret of some length").unwrap()
}

fn unix_s() -> u64 {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    now.unwrap().as_secs()
}

/// Sends now and then, as a connection does, until it is known that the allocation is gone.
async fn send_until_over(relay: &Relay) {
    let allocation = relay.allocation();
    let peer = SocketAddr::from(([127, 0, 0, 1], 9));
    let sending = async {
        loop {
            allocation.send(peer, b"is there anybody", 16, &mut Vec::new());
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    let patience = Duration::from_secs(60);
    tokio::select! {
        () = sending => {}
        over = tokio::time::timeout(patience, std::future::poll_fn(|cx| allocation.poll_over(cx))) => {
            over.expect("it is found out");
        }
    }
    assert_eq!(allocation.state().end, Some(EndReason::Lost));
}

#[tokio::test]
async fn an_allocation_that_a_restarted_relay_has_forgotten_is_over() {
    let stage = Stage::at(([127, 0, 0, 1], 0).into()).await;
    let relay = stage.allocate().await;
    let at = stage.stop().await;
    let _stage = Stage::at(at).await;
    send_until_over(&relay).await;
}

/// Where nobody listens any more, the system says so.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn an_allocation_at_a_relay_that_is_gone_is_over() {
    let stage = Stage::at(([127, 0, 0, 1], 0).into()).await;
    let relay = stage.allocate().await;
    stage.stop().await;
    send_until_over(&relay).await;
}
