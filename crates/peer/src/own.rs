//! A connection of our own: the association of `sctp-proto`, between the sans-IO ICE and DTLS of the `rtc` crates.
//!
//! ```text
//! Channel ── Line ═ Lane ── Driver ── Association ── Dtls ── Sockets ── UDP
//!                              │                               │
//!                             Ice                             Gate
//! ```
//!
//! One task per connection owns all of this but the lines; it sleeps until a datagram, a message or a
//! deadline comes, does everything that has become possible, and sends what may leave in bursts.

mod driver;
mod dtls;
mod ice;
mod lane;
mod reflexive;
mod socket;

use std::fmt;
use std::sync::{Arc, OnceLock};
use std::time::Instant;

use model::{Description, DtlsFingerprint, DtlsRole, PathKind};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinSet;

use crate::config::{BULK_ID, CONTROL_ID, ConnectionConfig};
use crate::connection::ConnectError;
use crate::link::Shared;
use crate::path::keep_first_of_each_address;
use crate::relay::{Relay, relay_candidate};
use driver::{Command, Driver, Parts};
use dtls::Identity;
use ice::Ice;
pub(crate) use lane::Line;
use socket::Sockets;

/// The application's end of a connection of our own. Dropping it ends its task.
pub(crate) struct OwnLink {
    pub(crate) control: Line,
    pub(crate) bulk: Line,
    commands: mpsc::Sender<Command>,
    facts: Arc<OnceLock<Facts>>,
    /// Ends with the link.
    _task: JoinSet<()>,
}

/// What is known once the channels are open.
#[derive(Debug, Clone, Copy)]
struct Facts {
    fingerprint: DtlsFingerprint,
    path: PathKind,
}

impl OwnLink {
    /// Binds the sockets, answers `offer` or makes an offer, and starts the task.
    pub(crate) async fn open(
        config: &ConnectionConfig,
        shared: &Shared,
        offer: Option<&Description>,
    ) -> Result<(Self, Description), ConnectError> {
        let mut sockets = sockets(config).await?;
        let reflexive = match sockets.relay() {
            Some(_) => Vec::new(),
            None => reflexive::gather(&mut sockets, config).await,
        };
        let provider = rtc_ice::crypto::default_provider();
        let provider = provider.map_err(step("find the cryptography"))?;
        let identity = Identity::generate(provider.clone()).map_err(step("make a certificate"))?;
        let ice = Ice::new(sockets.addresses(), provider, Instant::now());
        let ice = ice.map_err(step("prepare the search for a path"))?;
        let mut own = describe(&ice, &identity, offer);
        match sockets.relay() {
            Some(relay) => own.candidates = vec![relay_candidate(relay)],
            None => own.candidates.extend(reflexive),
        }
        keep_first_of_each_address(&mut own);

        let (control, control_lane) = lane::lane(CONTROL_ID, config.send_buffer_bytes);
        let (bulk, bulk_lane) = lane::lane(BULK_ID, config.send_buffer_bytes);
        let (commands, receive_commands) = mpsc::channel(COMMANDS);
        let facts = Arc::<OnceLock<Facts>>::default();
        let mut driver = Driver::new(Parts {
            own: own.clone(),
            identity,
            ice,
            sockets,
            lanes: [control_lane, bulk_lane],
            commands: receive_commands,
            shared: shared.clone(),
            facts: facts.clone(),
            send_buffer_bytes: config.send_buffer_bytes,
        });
        if let Some(offer) = offer {
            driver.meet(offer, false, Instant::now())?;
        }
        let mut task = JoinSet::new();
        task.spawn(driver.run());
        let link = Self {
            control,
            bulk,
            commands,
            facts,
            _task: task,
        };
        Ok((link, own))
    }

    /// Takes the answer to the offer.
    pub(crate) async fn accept_answer(&self, answer: &Description) -> Result<(), ConnectError> {
        let (done, is_done) = oneshot::channel();
        let answer = Box::new(answer.clone());
        let command = Command::Meet { answer, done };
        let ended = || ConnectError::Ended(crate::progress::CloseReason::Closed);
        self.commands.send(command).await.map_err(|_| ended())?;
        is_done.await.map_err(|_| ended())?
    }

    pub(crate) fn presented_fingerprint(&self) -> Result<DtlsFingerprint, ConnectError> {
        let facts = self.facts.get();
        facts
            .map(|facts| facts.fingerprint)
            .ok_or(ConnectError::WrongFingerprint)
    }

    pub(crate) fn path(&self) -> Result<PathKind, ConnectError> {
        let facts = self.facts.get().ok_or("there is none");
        facts
            .map(|facts| facts.path)
            .map_err(step("read the chosen pair"))
    }

    /// Says goodbye and ends the task.
    pub(crate) async fn close(&self) {
        let (done, is_done) = oneshot::channel();
        if self.commands.send(Command::Close(done)).await.is_ok() {
            // The task may be over by itself meanwhile.
            is_done.await.ok();
        }
    }
}

/// What datagrams travel through: sockets on all addresses, or an allocation at a relay.
async fn sockets(config: &ConnectionConfig) -> Result<Sockets, ConnectError> {
    if let Some(relays) = &config.relays {
        return Ok(Sockets::through(Relay::allocate(relays).await?));
    }
    if config.bind.is_empty() {
        return Err(ConnectError::NoAddress);
    }
    let sockets = Sockets::bind(&config.socket_addresses(), config.buffers).await;
    sockets.map_err(ConnectError::Socket)
}

fn describe(ice: &Ice, identity: &Identity, offer: Option<&Description>) -> Description {
    let (ice_ufrag, ice_pwd) = ice.credentials();
    Description {
        ice_ufrag,
        ice_pwd,
        fingerprint: identity.fingerprint(),
        dtls_role: match offer.map(|offer| offer.dtls_role) {
            None => DtlsRole::ActPass,
            Some(DtlsRole::Active) => DtlsRole::Passive,
            Some(DtlsRole::ActPass | DtlsRole::Passive) => DtlsRole::Active,
        },
        candidates: ice.candidates(),
    }
}

fn step<E: fmt::Display>(step: &'static str) -> impl Fn(E) -> ConnectError {
    move |error| ConnectError::Stack {
        step,
        reason: error.to_string(),
    }
}

/// An answer and a goodbye.
const COMMANDS: usize = 2;
