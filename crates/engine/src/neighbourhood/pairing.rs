use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::time::Duration;

use futures_util::{SinkExt as _, StreamExt as _};
use lan::{Line, Wish};
use model::limits::{LAN_CALLS, LAN_CODE_TIME};
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;

use super::{Everybody, NeighbourReport};
use crate::hub::{HubHandle, HubMessage};

/// Looks for the door behind which somebody shows a code, and tells the hub what it found.
pub(crate) async fn search(
    number: u32,
    port: u16,
    everybody: Everybody,
    serial: u64,
    hub: HubHandle,
) {
    let found = timeout(LAN_CODE_TIME, find(number, port, everybody)).await;
    admitted(serial, found.ok().flatten(), &hub).await;
}

/// Asks at the doors of one neighbour, and tells the hub what it found.
pub(crate) async fn knock(
    doors: Vec<SocketAddr>,
    port: u16,
    wish: Wish,
    serial: u64,
    hub: HubHandle,
) {
    let found = ask(&doors, port, wish).await;
    admitted(serial, found, &hub).await;
}

/// Carries messages of one pairing both ways, until one side leaves.
pub(crate) async fn carry(
    mut line: Box<Line>,
    mut outgoing: mpsc::Receiver<Vec<u8>>,
    serial: u64,
    hub: HubHandle,
) {
    loop {
        let said = tokio::select! {
            body = outgoing.recv() => match body {
                Some(body) => {
                    if line.send(Message::Binary(body.into())).await.is_err() {
                        break;
                    }
                    continue;
                }
                None => {
                    say_goodbye(line).await;
                    return;
                }
            },
            said = line.next() => said,
        };
        match said {
            Some(Ok(Message::Binary(body))) => {
                let body = body.to_vec();
                report(NeighbourReport::PairingSaid { serial, body }, &hub).await;
            }
            Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
            Some(Ok(Message::Text(_) | Message::Close(_) | Message::Frame(_)) | Err(_)) | None => {
                break;
            }
        }
    }
    report(NeighbourReport::PairingLeft { serial }, &hub).await;
}

type Found = Option<(Box<Line>, SocketAddr)>;

/// Asks everybody who is announced, those who come later too, whether it shows the code.
async fn find(number: u32, port: u16, mut everybody: Everybody) -> Found {
    let mut asked = BTreeSet::new();
    let mut calls: JoinSet<Found> = JoinSet::new();
    loop {
        let known = everybody.borrow_and_update().clone();
        let waiting = known.iter().map(|it| &it.neighbour);
        let waiting = waiting.filter(|it| !asked.contains(&it.addresses));
        let room = LAN_CALLS.saturating_sub(calls.len());
        let next: Vec<Vec<SocketAddr>> =
            waiting.take(room).map(|it| it.addresses.clone()).collect();
        for doors in next {
            asked.insert(doors.clone());
            calls.spawn(async move { ask(&doors, port, Wish::Code(number)).await });
        }
        tokio::select! {
            changed = everybody.changed() => changed.ok()?,
            Some(ended) = calls.join_next(), if !calls.is_empty() => {
                if let Ok(Some(found)) = ended {
                    return Some(found);
                }
            }
        }
    }
}

async fn ask(doors: &[SocketAddr], port: u16, wish: Wish) -> Found {
    for &door in doors {
        if let Ok(call) = lan::call(door, port, &[]).await {
            let line = call.pair(wish).await.ok().flatten()?;
            return Some((Box::new(line), door));
        }
    }
    None
}

/// Lets the other side read what was said last.
async fn say_goodbye(mut line: Box<Line>) {
    let goodbye = timeout(GOODBYE_TIME, async {
        (*line).close(None).await.ok();
        while let Some(Ok(_)) = line.next().await {}
    });
    if goodbye.await.is_err() {
        tracing::debug!("a pairing ended without a goodbye");
    }
}

async fn admitted(serial: u64, found: Found, hub: &HubHandle) {
    report(NeighbourReport::Admitted { serial, found }, hub).await;
}

async fn report(report: NeighbourReport, hub: &HubHandle) {
    // A hub that is gone pairs with nobody.
    hub.send(HubMessage::Neighbour(report)).await.ok();
}

/// How long the other side may take to read the last message.
const GOODBYE_TIME: Duration = Duration::from_secs(2);

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use tokio::sync::watch;
    use tokio::time::Instant;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_code_that_nobody_shows_is_sought_for_a_quarter_of_a_minute() {
        let (hub, mut told) = mpsc::channel(4);
        let (_everybody, everybody) = watch::channel(Arc::from(Vec::new()));
        let began = Instant::now();
        search(1_234, 0, everybody, 7, hub).await;
        assert_eq!(began.elapsed(), LAN_CODE_TIME);
        assert_eq!(LAN_CODE_TIME, Duration::from_secs(15));
        let report = told.try_recv();
        let is_none = matches!(
            report,
            Ok(HubMessage::Neighbour(NeighbourReport::Admitted {
                serial: 7,
                found: None
            }))
        );
        assert!(is_none, "{report:?}");
    }
}
