//! Two connections at once, of which one is taken.
//!
//! The side that offered takes the first that stands, and is a little patient with the better one. The side
//! that answered cannot know which that was: it takes the one on which the other side speaks.

use std::pin::pin;
use std::time::Duration;

use bytes::Bytes;
use model::Description;
use peer::{ConnectError, Connection, PendingConnection};
use tokio::time::{Instant, timeout, timeout_at};

use super::{Way, Winner};

/// A connection that is described and not made yet.
#[derive(Debug)]
pub(super) struct Prepared {
    pub(super) way: Way,
    pub(super) pending: PendingConnection,
    pub(super) description: Description,
}

type Result<T> = std::result::Result<T, ConnectError>;

impl Prepared {
    pub(super) fn of(way: Way, made: Result<(PendingConnection, Description)>) -> Result<Self> {
        let (pending, description) = made?;
        Ok(Self {
            way,
            pending,
            description,
        })
    }

    async fn connect(self) -> Result<Winner> {
        Ok(Winner {
            way: self.way,
            connection: self.pending.connect().await?,
            spoken: None,
        })
    }
}

/// Prepares two connections at once; the second is left out when it takes longer, and takes the place of a
/// first that fails.
pub(super) async fn prepare(
    first: impl Future<Output = Result<Prepared>>,
    second: Option<impl Future<Output = Result<Prepared>>>,
) -> Result<(Prepared, Option<Prepared>)> {
    let Some(second) = second else {
        return Ok((first.await?, None));
    };
    let (mut first, mut second) = (pin!(first), pin!(second));
    let mut early = None;
    let first = loop {
        tokio::select! {
            done = &mut first => break done,
            done = &mut second, if early.is_none() => early = Some(done),
        }
    };
    let second = match (early, &first) {
        (Some(done), _) => done.ok(),
        (None, Ok(_)) => {
            let late = timeout(SECOND_TIME, second).await;
            late.ok().and_then(Result::ok)
        }
        (None, Err(_)) => second.await.ok(),
    };
    match (first, second) {
        (Ok(first), second) => Ok((first, second)),
        (Err(_), Some(second)) => Ok((second, None)),
        (Err(error), None) => Err(error),
    }
}

/// Takes the connection that stands first; a second one gives the first some time to come after it.
pub(super) async fn choose(first: Prepared, second: Option<Prepared>) -> Result<Winner> {
    let Some(second) = second else {
        return first.connect().await;
    };
    let start = Instant::now();
    let (mut first, mut second) = (pin!(first.connect()), pin!(second.connect()));
    tokio::select! {
        biased;
        done = &mut first => match done {
            Ok(winner) => Ok(winner),
            Err(_) => second.await,
        },
        done = &mut second => match done {
            Err(_) => first.await,
            Ok(winner) => {
                // How long it took says how far away the peer is.
                let patience = (start.elapsed() / 2).clamp(LEAST_PATIENCE, MOST_PATIENCE);
                let better = timeout_at(Instant::now() + patience, first).await;
                Ok(better.ok().and_then(Result::ok).unwrap_or(winner))
            }
        },
    }
}

/// Takes the connection on which the peer speaks.
pub(super) async fn follow(first: Prepared, second: Option<Prepared>) -> Result<Winner> {
    let Some(second) = second else {
        return first.connect().await;
    };
    let (mut first, mut second) = (pin!(heard(first)), pin!(heard(second)));
    tokio::select! {
        done = &mut first => match done {
            Ok(winner) => Ok(winner),
            Err(_) => second.await,
        },
        done = &mut second => match done {
            Ok(winner) => Ok(winner),
            Err(_) => first.await,
        },
    }
}

/// Connects, and waits for the first word of the peer.
async fn heard(prepared: Prepared) -> Result<Winner> {
    let mut winner = prepared.connect().await?;
    winner.spoken = Some(first_word(&winner.connection).await?);
    Ok(winner)
}

async fn first_word(connection: &Connection) -> Result<Bytes> {
    match connection.control().receive().await {
        Some(word) => Ok(word),
        None => Err(ConnectError::Ended(connection.closed().await)),
    }
}

/// For a relay that answers later than the servers that the first connection asks.
const SECOND_TIME: Duration = Duration::from_millis(250);
/// What a direct way gets after a relayed one stands, on near networks,
const LEAST_PATIENCE: Duration = Duration::from_millis(100);
/// and on far ones.
const MOST_PATIENCE: Duration = Duration::from_millis(800);
