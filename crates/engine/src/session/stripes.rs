use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use model::Description;
use model::limits::{CONNECTIONS_PER_SESSION, HANDSHAKES_PER_CONTACT, ICE_TIME};
use model::sdp::{self, CandidatePolicy, SdpKind};
use peer::{ConnectError, Connection, ConnectionConfig};
use tokio::sync::{Semaphore, mpsc, oneshot};
use tokio::task::JoinSet;

use super::lanes::is_relayed;
use super::upgrade::Upgrade;
use super::{FromConnection, Lanes};
use crate::connector::{Lane, Way};

/// Makes the further connections of a session, offered and answered inside its control channel.
pub(super) struct Stripes {
    lanes: Lanes,
    /// Which way further connections go.
    way: Way,
    pub(super) upgrade: Upgrade,
    next_number: u32,
    /// What was offered and neither opened nor failed; with the way for the answer until it came.
    offers: BTreeMap<u32, Option<oneshot::Sender<Description>>>,
    /// Connections that may still be made.
    left: u32,
    /// One permit per handshake under way.
    handshakes: Arc<Semaphore>,
    tasks: JoinSet<()>,
    reporter: mpsc::Sender<FromConnection>,
}

#[derive(Debug)]
pub(super) enum StripeReport {
    Offered {
        connection: u32,
        sdp: String,
    },
    Answered {
        connection: u32,
        sdp: String,
    },
    Opened {
        connection: u32,
        opened: Box<Connection>,
    },
    /// Some time ago, so that the next one may be tried at once.
    Failed {
        connection: u32,
    },
}

impl Stripes {
    pub(super) fn new(lanes: Lanes, way: Way, reporter: mpsc::Sender<FromConnection>) -> Self {
        Self {
            lanes,
            way,
            upgrade: Upgrade::default(),
            next_number: 1,
            offers: BTreeMap::new(),
            left: CONNECTIONS_EVER,
            handshakes: Arc::new(Semaphore::new(HANDSHAKES_PER_CONTACT)),
            tasks: JoinSet::new(),
            reporter,
        }
    }

    /// How many connections the session is to keep on the way that it goes.
    fn wanted(&self) -> usize {
        match self.way {
            Way::Direct => CONNECTIONS,
            Way::Relayed => CONNECTIONS_RELAYED,
        }
    }

    /// Offers as many connections as are missing.
    pub(super) fn offer_missing(&mut self, open: usize) {
        while self.tasks.try_join_next().is_some() {}
        let upgrades = self
            .offers
            .keys()
            .filter(|&&it| self.upgrade.is(it))
            .count();
        let missing = self
            .wanted()
            .saturating_sub(open + self.offers.len() - upgrades);
        for _ in 0..missing {
            if self.left == 0 {
                return; // Connections that break this often are no use.
            }
            let Some(lane) = self.lanes.to_offer(self.way) else {
                return;
            };
            self.left -= 1;
            self.offer(lane);
        }
    }

    /// Offers a direct connection beside those through a relay.
    pub(super) fn offer_better(&mut self) {
        let number = self.offer(self.lanes.direct.clone());
        self.upgrade.offers(number);
    }

    fn offer(&mut self, lane: Lane) -> u32 {
        let number = self.next_number;
        self.next_number += 1;
        let (answer, answered) = oneshot::channel();
        self.offers.insert(number, Some(answer));
        let work = offer(lane.config, number, answered, self.reporter.clone());
        self.spawn(number, work);
        number
    }

    /// Whether a better way than the present one is wanted.
    pub(super) fn hopes_for_better(&self) -> bool {
        self.lanes.hope_for_better(self.way)
    }

    /// Further connections go this way.
    pub(super) fn go(&mut self, way: Way) {
        self.way = way;
    }

    /// Further connections are made with these.
    pub(super) fn reroute(&mut self, lanes: Lanes) {
        self.lanes = lanes;
    }

    /// Answers an offer, unless there are too many connections or it makes no sense.
    pub(super) fn answer(&mut self, number: u32, text: &str, open: usize) -> bool {
        while self.tasks.try_join_next().is_some() {}
        let Ok(offer) = sdp::parse(text, self.policy()) else {
            return false;
        };
        let Some(lane) = self.lanes.to_answer(&offer) else {
            return false;
        };
        if open + self.tasks.len() >= CONNECTIONS_PER_SESSION || self.left == 0 {
            return false;
        }
        self.left -= 1;
        let work = answer(lane.config, number, offer, self.reporter.clone());
        self.spawn(number, work);
        true
    }

    /// Hands an answer to the offer it belongs to.
    pub(super) fn answered(&mut self, number: u32, text: &str) {
        let Some(waiting) = self.offers.get_mut(&number).and_then(Option::take) else {
            return;
        };
        let Ok(answer) = sdp::parse(text, self.policy()) else {
            return;
        };
        // In the hope of a direct way, another one through a relay is no use.
        if !(self.upgrade.is(number) && is_relayed(&answer)) {
            // The offer may have timed out meanwhile.
            waiting.send(answer).ok();
        }
    }

    fn policy(&self) -> CandidatePolicy {
        candidate_policy(&self.lanes.direct.config)
    }

    /// An offer came to its end; the task behind one that was refused ends by the dropped channel.
    pub(super) fn settled(&mut self, number: u32) {
        self.offers.remove(&number);
    }

    /// A connection served its time: its successor is not one too many.
    pub(super) fn renewed(&mut self) {
        self.left += 1;
    }

    /// Starts a handshake as soon as fewer than [`HANDSHAKES_PER_CONTACT`] are under way.
    fn spawn(
        &mut self,
        number: u32,
        work: impl Future<Output = Result<(), ConnectError>> + Send + 'static,
    ) {
        let handshakes = self.handshakes.clone();
        let reporter = self.reporter.clone();
        self.tasks.spawn(async move {
            let _permit = handshakes.acquire().await;
            report_failure(number, work, reporter).await;
        });
    }
}

/// What a description from the peer may point at: our own scope.
pub(crate) fn candidate_policy(config: &ConnectionConfig) -> CandidatePolicy {
    CandidatePolicy {
        allow_loopback: config.bind.iter().any(std::net::IpAddr::is_loopback),
        allow_private: true,
    }
}

async fn offer(
    config: ConnectionConfig,
    connection: u32,
    answered: oneshot::Receiver<Description>,
    reporter: mpsc::Sender<FromConnection>,
) -> Result<(), ConnectError> {
    let (mut pending, description) = Connection::offer(config).await?;
    let sdp = sdp::render(&description, SdpKind::Offer);
    report(&reporter, StripeReport::Offered { connection, sdp }).await;
    let answer = tokio::time::timeout(ICE_TIME, answered).await;
    let answer = answer.map_err(|_| ConnectError::NoAnswer)?;
    let answer = answer.map_err(|_| ConnectError::NoAnswer)?;
    pending.accept_answer(&answer).await?;
    let opened = Box::new(pending.connect().await?);
    report(&reporter, StripeReport::Opened { connection, opened }).await;
    Ok(())
}

async fn answer(
    config: ConnectionConfig,
    connection: u32,
    offer: Description,
    reporter: mpsc::Sender<FromConnection>,
) -> Result<(), ConnectError> {
    let (pending, description) = Connection::answer(config, &offer).await?;
    let sdp = sdp::render(&description, SdpKind::Answer);
    report(&reporter, StripeReport::Answered { connection, sdp }).await;
    let opened = Box::new(pending.connect().await?);
    report(&reporter, StripeReport::Opened { connection, opened }).await;
    Ok(())
}

async fn report_failure(
    connection: u32,
    work: impl Future<Output = Result<(), ConnectError>>,
    reporter: mpsc::Sender<FromConnection>,
) {
    if let Err(error) = work.await {
        tracing::debug!(%error, "a further connection did not come about");
        tokio::time::sleep(RETRY_PAUSE).await;
        report(&reporter, StripeReport::Failed { connection }).await;
    }
}

async fn report(reporter: &mpsc::Sender<FromConnection>, report: StripeReport) {
    // A session that is over wants no connections.
    reporter.send(FromConnection::Stripe(report)).await.ok();
}

/// Connections a session keeps: on the stock stack one core per connection is the limit, and four fill a
/// machine (docs/decisions/0005).
const CONNECTIONS: usize = 4;
/// The same through a relay: some hold little for each connection, and only as many carry as are of use
/// (docs/decisions/0015).
const CONNECTIONS_RELAYED: usize = 6;
/// Before a connection that did not come about is tried again.
const RETRY_PAUSE: Duration = Duration::from_secs(2);
/// Connections made in the life of a session, lost ones included; those that only follow a worn one do
/// not count.
const CONNECTIONS_EVER: u32 = 256;

#[cfg(test)]
mod tests {
    use super::*;
    use model::{Candidate, CandidateKind, DtlsFingerprint, DtlsRole};

    fn offer_text() -> String {
        let description = Description {
            ice_ufrag: "abcdefgh".into(),
            ice_pwd: "abcdefghijklmnopqrstuvwx".into(),
            fingerprint: DtlsFingerprint([7; 32]),
            dtls_role: DtlsRole::ActPass,
            candidates: vec![Candidate {
                kind: CandidateKind::Host,
                address: ([127, 0, 0, 1], 9).into(),
                priority: 1,
            }],
        };
        sdp::render(&description, SdpKind::Offer)
    }

    fn lanes() -> Lanes {
        Lanes {
            wish: model::RelayWish::Automatic,
            direct: Lane {
                way: Way::Direct,
                config: crate::connector::config(true),
            },
            relayed: None,
        }
    }

    #[tokio::test]
    async fn a_session_takes_no_more_connections_than_its_limit() {
        let (reporter, _reports) = mpsc::channel(1);
        let mut stripes = Stripes::new(lanes(), Way::Direct, reporter);
        assert!(!stripes.answer(1, &offer_text(), CONNECTIONS_PER_SESSION));
        assert!(stripes.answer(1, &offer_text(), CONNECTIONS_PER_SESSION - 1));
        assert!(!stripes.answer(2, "no description", 1));
    }

    #[tokio::test]
    async fn no_more_than_two_handshakes_of_a_contact_run_at_once() {
        let (reporter, mut reports) = mpsc::channel(16);
        let mut stripes = Stripes::new(lanes(), Way::Direct, reporter);
        stripes.offer_missing(0);
        let mut offered = Vec::new();
        for _ in 0..HANDSHAKES_PER_CONTACT {
            offered.push(next_offer(&mut reports).await);
        }
        // Without the limit all four would be out by now, or soon.
        let early = tokio::time::timeout(Duration::from_secs(1), next_offer(&mut reports)).await;
        assert_eq!(early.ok(), None);
        for number in offered {
            stripes.settled(number);
        }
        let again = [
            next_offer(&mut reports).await,
            next_offer(&mut reports).await,
        ];
        assert_eq!(again, [3, 4]);
    }

    async fn next_offer(reports: &mut mpsc::Receiver<FromConnection>) -> u32 {
        loop {
            if let Some(FromConnection::Stripe(StripeReport::Offered { connection, .. })) =
                reports.recv().await
            {
                return connection;
            }
        }
    }
}
