//! Making, holding and ending one peer connection.

use std::fmt;
use std::future::Future;
use std::time::Duration;

use model::{Description, DtlsFingerprint, DtlsRole, PathKind, limits};

use crate::channel::{Channel, Statistics};
use crate::config::ConnectionConfig;
use crate::link::Link;
use crate::progress::CloseReason;
use crate::relay::RelayError;

/// One peer connection with both channels open.
///
/// Dropping it ends everything at once; the peer then only notices that this side is silent, so
/// [`Connection::finish`] is the polite way.
pub struct Connection {
    link: Link,
    fingerprints: Fingerprints,
    path: PathKind,
}

/// A connection whose descriptions are on their way. Dropping it ends everything it started.
pub struct PendingConnection {
    link: Link,
    path_time: Duration,
    own: Description,
    peer: Option<Description>,
}

/// The certificates that both sides have shown in the DTLS handshake.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fingerprints {
    /// Ours: a new one for each connection.
    pub own: DtlsFingerprint,
    /// The peer's; it is the one that its description announced.
    pub peer: DtlsFingerprint,
}

/// Why there is no connection.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// [`ConnectionConfig::bind`] is empty.
    #[error("there is no address to gather on")]
    NoAddress,
    /// No relay gave an address.
    #[error("no relay: {0}")]
    Relay(#[from] RelayError),
    /// A socket could not be made.
    #[error("no socket")]
    Socket(#[source] std::io::Error),
    /// The WebRTC stack refused a step.
    #[error("{step}: {reason}")]
    Stack {
        /// What was tried.
        step: &'static str,
        /// What the stack says about it.
        reason: String,
    },
    /// The answer leaves open who starts the DTLS handshake, or an answer was given to an answer.
    #[error("not an answer to this offer")]
    NotAnAnswer,
    /// [`PendingConnection::connect`] before [`PendingConnection::accept_answer`].
    #[error("the offer has not been answered")]
    NoAnswer,
    /// No pair of candidates worked within [`limits::ICE_TIME`].
    #[error("no path to the peer was found in time")]
    IceTimedOut,
    /// A path was found, and no channel opened within [`limits::DTLS_TIME`]; also what a peer with
    /// another certificate than announced ends in.
    #[error("the peer did not complete the handshake in time")]
    DtlsTimedOut,
    /// The peer has shown another certificate than its description announced.
    #[error("the peer has shown another certificate")]
    WrongFingerprint,
    /// The connection ended while it was being made.
    #[error("the connection ended early: {0}")]
    Ended(CloseReason),
}

impl Connection {
    /// Starts a connection and returns the offer for the peer, with all candidates.
    pub async fn offer(
        config: ConnectionConfig,
    ) -> Result<(PendingConnection, Description), ConnectError> {
        let (link, own) = Box::pin(Link::offer(&config)).await?;
        let offer = own.clone();
        let pending = PendingConnection {
            path_time: config.path_time.min(limits::ICE_TIME),
            link,
            own,
            peer: None,
        };
        Ok((pending, offer))
    }

    /// Starts a connection from the peer's offer and returns the answer for it, with all candidates.
    pub async fn answer(
        config: ConnectionConfig,
        offer: &Description,
    ) -> Result<(PendingConnection, Description), ConnectError> {
        let (link, own) = Box::pin(Link::answer(&config, offer)).await?;
        let answer = own.clone();
        let pending = PendingConnection {
            path_time: config.path_time.min(limits::ICE_TIME),
            link,
            own,
            peer: Some(offer.clone()),
        };
        Ok((pending, answer))
    }

    /// Channel 0.
    pub fn control(&self) -> Channel {
        self.link.control.clone()
    }

    /// Channel 1.
    pub fn bulk(&self) -> Channel {
        self.link.bulk.clone()
    }

    /// The certificates as they were shown in the handshake.
    pub fn fingerprints(&self) -> Fingerprints {
        self.fingerprints
    }

    /// The route, as it was when the channels opened.
    pub fn path(&self) -> PathKind {
        self.path
    }

    /// What has passed through both channels so far.
    pub fn statistics(&self) -> Statistics {
        self.link.counters.snapshot()
    }

    /// Waits until the connection is over, and says why. May be awaited by many, and again.
    pub async fn closed(&self) -> CloseReason {
        self.link.progress.over().await
    }

    /// Waits until either side has sent three quarters of what its key may encrypt: time for a new
    /// connection.
    pub async fn worn(&self) {
        let counters = &self.link.counters;
        tokio::select! {
            () = counters.sent_wear.reached(6) => {}
            () = counters.received_wear.reached(6) => {}
        }
    }

    /// Whether this side has sent seven eighths: the rest is for control.
    pub fn is_spent(&self) -> bool {
        self.link.counters.sent_wear.has_reached(7)
    }

    /// Closes after everything sent was acknowledged by the peer, or after [`FLUSH_TIME`].
    ///
    /// Send nothing meanwhile: what is sent later may be lost.
    pub async fn finish(&self) {
        let flushed = async {
            for channel in [&self.link.control, &self.link.bulk] {
                while !self.link.progress.is_over() && channel.buffered_bytes().await > 0 {
                    tokio::time::sleep(FLUSH_INTERVAL).await;
                }
            }
        };
        // A peer that acknowledges nothing is not waited for.
        tokio::time::timeout(FLUSH_TIME, flushed).await.ok();
        self.close().await;
    }

    /// Says goodbye and ends every task of this connection, at once.
    ///
    /// What the peer has not acknowledged may be lost: see [`Connection::finish`].
    pub async fn close(&self) {
        self.link.progress.end(CloseReason::Closed);
        self.link.close().await;
    }
}

impl PendingConnection {
    /// Takes the answer to the offer that this side made.
    pub async fn accept_answer(&mut self, answer: &Description) -> Result<(), ConnectError> {
        if self.peer.is_some() || answer.dtls_role == DtlsRole::ActPass {
            return Err(ConnectError::NotAnAnswer);
        }
        self.link.accept_answer(&self.own, answer).await?;
        self.peer = Some(answer.clone());
        Ok(())
    }

    /// Waits for a path, within [`limits::ICE_TIME`], and then for both channels, within
    /// [`limits::DTLS_TIME`].
    pub async fn connect(self) -> Result<Connection, ConnectError> {
        let peer = self.peer.as_ref().ok_or(ConnectError::NoAnswer)?;
        let link = &self.link;
        let pair = link.progress.pair_chosen();
        within(self.path_time, pair, ConnectError::IceTimedOut).await?;
        within(limits::DTLS_TIME, link.opened(), ConnectError::DtlsTimedOut).await?;

        let fingerprints = Fingerprints {
            own: self.own.fingerprint,
            peer: link.presented_fingerprint().await?,
        };
        if fingerprints.peer != peer.fingerprint {
            return Err(ConnectError::WrongFingerprint);
        }
        Ok(Connection {
            path: link.path().await?,
            fingerprints,
            link: self.link,
        })
    }
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Connection({})", self.path)
    }
}

impl fmt::Debug for PendingConnection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PendingConnection")
    }
}

/// Waits for a step, and for no longer than `time`.
async fn within(
    time: Duration,
    step: impl Future<Output = Result<(), CloseReason>>,
    late: ConnectError,
) -> Result<(), ConnectError> {
    match tokio::time::timeout(time, step).await {
        Ok(reached) => reached.map_err(ConnectError::Ended),
        Err(_) => Err(late),
    }
}

/// For how long [`Connection::finish`] waits for the peer: some round trips of a bad link.
pub const FLUSH_TIME: Duration = Duration::from_secs(2);
/// How often it looks; the stack tells nobody.
const FLUSH_INTERVAL: Duration = Duration::from_millis(5);
