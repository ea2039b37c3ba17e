//! Makes two connected connections, with a chance to tamper with what passes between them.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use model::Description;
use peer::{ConnectError, Connection, ConnectionConfig};

pub(crate) const V4: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

pub(crate) fn config(bind: IpAddr) -> ConnectionConfig {
    ConnectionConfig {
        engine: crate::ENGINE,
        bind: vec![bind],
        ..ConnectionConfig::default()
    }
}

/// Connects over IPv4 loopback: the offering side first.
pub(crate) async fn connect() -> (Connection, Connection) {
    let (offering, answering) = connect_with(V4, |_| {}, |_| {}).await;
    (offering.unwrap(), answering.unwrap())
}

/// Connects with a DTLS session that may carry `session_bytes` each way.
pub(crate) async fn connect_for(session_bytes: u64) -> (Connection, Connection) {
    connect_unequally(session_bytes, session_bytes).await
}

/// Connects two sides that do not agree on what a DTLS session may carry.
pub(crate) async fn connect_unequally(here: u64, there: u64) -> (Connection, Connection) {
    let config = |session_bytes| ConnectionConfig {
        session_bytes,
        ..config(V4)
    };
    let (mut offering, offer) = Connection::offer(config(here)).await.unwrap();
    let (answering, answer) = Connection::answer(config(there), &offer).await.unwrap();
    offering.accept_answer(&answer).await.unwrap();
    let (offering, answering) = tokio::join!(offering.connect(), answering.connect());
    (offering.unwrap(), answering.unwrap())
}

/// Connects with an offer and an answer that are changed on their way.
pub(crate) async fn connect_with(
    bind: IpAddr,
    change_offer: impl FnOnce(&mut Description),
    change_answer: impl FnOnce(&mut Description),
) -> (
    Result<Connection, ConnectError>,
    Result<Connection, ConnectError>,
) {
    let (mut offering, mut offer) = Connection::offer(config(bind)).await.unwrap();
    change_offer(&mut offer);
    let (answering, mut answer) = Connection::answer(config(bind), &offer).await.unwrap();
    change_answer(&mut answer);
    offering.accept_answer(&answer).await.unwrap();
    tokio::join!(offering.connect(), answering.connect())
}

/// Where the description says that its side can be reached.
pub(crate) fn address(description: &Description) -> SocketAddr {
    description.candidates.first().unwrap().address
}
