//! A node without listeners of its own: whoever embeds it brings the sockets.

use std::net::IpAddr;
use std::sync::Arc;

use signaling_proto::server::ServerLimits;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_tungstenite::WebSocketStream;
use tokio_util::sync::CancellationToken;

use crate::bus::LocalBus;
use crate::hub::HubHandle;
use crate::relays::Grants;
use crate::session;

/// The same node as a hosted one, behind a door that somebody else keeps. Clones are the same node.
#[derive(Debug, Clone)]
pub struct Embedded {
    hub: HubHandle,
    limits: Arc<ServerLimits>,
}

impl Embedded {
    /// Makes a node and the future that runs it until `halt` fires. It knows no relays.
    pub fn new(
        limits: ServerLimits,
        halt: CancellationToken,
    ) -> (Self, impl Future<Output = ()> + Send + 'static) {
        let (hub, running) = HubHandle::new(&limits, LocalBus::connect(), Grants::none(), halt);
        let limits = Arc::new(limits);
        (Self { hub, limits }, running)
    }

    /// Serves an open socket that comes from `address` until it ends; one for which there is no room ends at once.
    pub async fn serve<S>(&self, socket: WebSocketStream<S>, address: IpAddr)
    where
        S: AsyncRead + AsyncWrite + Unpin + Send,
    {
        match self.hub.open(address).await {
            Ok(seat) => session::serve(socket, seat, &self.limits).await,
            Err(refused) => tracing::debug!(?refused, "there is no room for a socket"),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use futures_util::StreamExt as _;
    use signaling_proto::message::ServerToClient;
    use tokio::task::JoinSet;
    use tokio_tungstenite::tungstenite::protocol::Role;

    use super::*;

    #[tokio::test]
    async fn a_socket_that_is_brought_is_challenged_like_any_other() {
        let halt = CancellationToken::new();
        let (node, running) = Embedded::new(ServerLimits::default(), halt.clone());
        let mut tasks = JoinSet::new();
        tasks.spawn(running);
        let (near, far) = tokio::io::duplex(4_096);
        let far = WebSocketStream::from_raw_socket(far, Role::Server, None).await;
        let mut near = WebSocketStream::from_raw_socket(near, Role::Client, None).await;
        tasks.spawn(async move { node.serve(far, Ipv4Addr::LOCALHOST.into()).await });
        let first = near.next().await.unwrap().unwrap().into_data();
        let first = ServerToClient::decode(&first).unwrap();
        assert!(
            matches!(first, ServerToClient::Challenge { .. }),
            "{first:?}"
        );
        halt.cancel();
        while tasks.join_next().await.is_some() {}
    }

    #[tokio::test]
    async fn one_socket_more_than_there_is_room_for_ends_at_once() {
        let mut limits = ServerLimits::default();
        limits.sockets.total = 0;
        let (node, running) = Embedded::new(limits, CancellationToken::new());
        let mut tasks = JoinSet::new();
        tasks.spawn(running);
        let (near, far) = tokio::io::duplex(4_096);
        let far = WebSocketStream::from_raw_socket(far, Role::Server, None).await;
        let mut near = WebSocketStream::from_raw_socket(near, Role::Client, None).await;
        node.serve(far, Ipv4Addr::LOCALHOST.into()).await;
        assert!(!matches!(near.next().await, Some(Ok(_))));
    }
}
