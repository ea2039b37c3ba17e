//! What sending and receiving have in common: how a transfer is reached, and what it tells the hub.

use std::io;
use std::num::NonZeroU64;
use std::time::Duration;

use api::{CommandError, SkipReason};
use bytes::Bytes;
use model::{Digest, Name, SessionId, TransferId};
use serde::{Deserialize, Serialize};
use store::{Counts, Tally};
use tokio::sync::{mpsc, oneshot};
use transfer_proto::{Addressed, GoneReason, Summary, TransferMessage, Tuning};
use vfs::sink::{Committed, Placement, Renamed};

use crate::budget::Share;
use crate::entries::EntriesQuery;
use crate::hub::{HubHandle, HubMessage};
use crate::pace::Pace;
use crate::preflight::Found;
use crate::receipts::Listed;
use crate::session::{SessionCommand, SessionHandle};

/// Where a transfer hears of its session and of people.
pub(crate) type TransferInbox = mpsc::Sender<Inbound>;

#[derive(Debug)]
pub(crate) enum Inbound {
    SessionUp(SessionHandle),
    /// That session is gone; another one may stand already.
    SessionDown(SessionId),
    /// One of several connections of that session is gone.
    ConnectionLost(SessionId),
    Message(TransferMessage),
    Steer(Steer),
    /// Somebody looks at what it holds.
    Entries(EntriesQuery),
}

/// What people, or rules in their place, want of a transfer.
#[derive(Debug)]
pub(crate) enum Steer {
    /// Take it; for incoming transfers only.
    Accept {
        place: Box<crate::incoming::Place>,
        /// What it costs from now on.
        tally: Box<Tally>,
        /// Whether this side asks for the plain SHA-256 of every file.
        checksums: bool,
    },
    /// Do not take it; for incoming transfers only.
    Decline(transfer_proto::DeclineReason),
    Pause,
    Resume,
    Cancel,
    /// Go no faster: as a sender, or by asking the sender.
    Limit(Option<NonZeroU64>),
}

/// What a transfer tells the hub.
#[derive(Debug)]
pub(crate) enum TransferReport {
    /// The sources are listed.
    Prepared(Summary),
    /// A person must say whether it is wanted.
    Prompt(Summary),
    /// Both sides agree; bytes move. `bytes` of `total_bytes` were there before.
    Started {
        bytes: u64,
        total_bytes: u64,
    },
    /// So many bytes are verified at the receiver.
    Progress {
        bytes: u64,
        total_bytes: u64,
    },
    Paused(api::PauseReason),
    Resumed,
    Skipped {
        path: String,
        reason: SkipReason,
    },
    /// Found before any data moved.
    Found(Vec<Found>),
    /// Names that cannot be held here got another one.
    Renamed(Vec<Renamed>),
    /// What arrived is in its place: what it is called there, and where things went whose names were taken.
    Placed(Committed),
    /// Everything is here and about to be moved to its place: what it will have cost.
    Committing(Figures),
    /// What arrived is listed, for the receipt; before the transfer is completed.
    Listed(Listed),
    /// There will be no receipt, and why.
    Unlisted(&'static str),
    /// A text that is here in whole.
    Text(String),
    /// Everything is under its final name at the receiver.
    Completed(Done),
    /// Over for good.
    Failed(CommandError),
    /// Over because of the peer; it may be taken up again.
    Broken(CommandError),
}

/// A completed transfer.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Done {
    pub(crate) digest: Digest,
    pub(crate) figures: Figures,
}

/// What a transfer brought and cost, over its whole life.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Figures {
    pub(crate) entries: u64,
    pub(crate) bytes: u64,
    pub(crate) skipped: u64,
    pub(crate) carried_bytes: u64,
    pub(crate) resent_bytes: u64,
    pub(crate) active_time: Duration,
}

impl Figures {
    /// `announced_entries` of which `skipped` were left out on the way brought `bytes`.
    ///
    /// Whatever was carried beyond those went over the wire more than once, or was replaced by a newer
    /// version of its file.
    pub(crate) fn new(announced_entries: u64, skipped: u64, bytes: u64, counts: Counts) -> Self {
        Self {
            entries: announced_entries.saturating_sub(skipped),
            bytes,
            skipped: skipped.saturating_add(counts.left_out),
            carried_bytes: counts.carried_bytes,
            resent_bytes: counts.carried_bytes.saturating_sub(bytes),
            active_time: counts.active_time,
        }
    }
}

/// The chunk bytes in a bulk message, without any heads; 0 in one that cannot be read.
pub(crate) fn chunk_bytes(message: &Bytes) -> u64 {
    let Ok((_, records)) = transfer_proto::bulk::records(message.clone()) else {
        return 0;
    };
    records
        .map(|record| u64::try_from(record.data.len()).unwrap_or(u64::MAX))
        .sum()
}

/// Tells the hub about one transfer.
#[derive(Debug, Clone)]
pub(crate) struct Reporter {
    pub(crate) transfer: TransferId,
    pub(crate) hub: HubHandle,
}

impl Reporter {
    pub(crate) async fn tell(&self, report: TransferReport) {
        // A hub that is gone ends this transfer's task soon.
        self.hub.send(self.message(report)).await.ok();
    }

    /// For threads that may block.
    pub(crate) fn tell_blocking(&self, report: TransferReport) {
        self.hub.blocking_send(self.message(report)).ok();
    }

    /// Keeps where the entries of a transfer go; durable on return. For threads that may block.
    pub(crate) fn keep_intents(&self, digest: Digest, placements: &[Placement]) -> io::Result<()> {
        let intents = placements
            .iter()
            .map(|placement| Intent {
                digest,
                staged: placement.staged.clone(),
                placed: placement.placed.clone(),
            })
            .collect();
        self.keep(Keep::Intents(intents))
    }

    /// Keeps that a transfer is complete; durable on return. For threads that may block.
    pub(crate) fn keep_completed(&self, digest: Digest) -> io::Result<()> {
        self.keep(Keep::Completed(digest))
    }

    fn keep(&self, what: Keep) -> io::Result<()> {
        let (kept, answer) = oneshot::channel();
        let message = HubMessage::Keep {
            transfer: self.transfer,
            what,
            kept,
        };
        let gone = || io::Error::other("the hub has ended");
        self.hub.blocking_send(message).map_err(|_| gone())?;
        answer.blocking_recv().map_err(|_| gone())?
    }

    fn message(&self, report: TransferReport) -> HubMessage {
        HubMessage::Transfer {
            transfer: self.transfer,
            report,
        }
    }
}

/// What must be durable before a transfer takes its next step.
#[derive(Debug)]
pub(crate) enum Keep {
    Intents(Vec<Intent>),
    Completed(Digest),
}

/// Where a top-level entry goes, kept before it is renamed, with the digest of the whole transfer.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Intent {
    pub(crate) digest: Digest,
    pub(crate) staged: Name,
    pub(crate) placed: Name,
}

/// What waits to go out through a session: never more than the machines' windows allow.
#[derive(Debug, Default)]
pub(crate) struct Outbox {
    control: std::collections::VecDeque<SessionCommand>,
    bulk: std::collections::VecDeque<Bytes>,
    session: Option<SessionHandle>,
    /// The memory this transfer may use while the session carries it.
    share: Option<Share>,
    /// Only a sender has one.
    pace: Option<Pace>,
}

impl Outbox {
    /// For a sender, whose bulk messages keep to a speed.
    pub(crate) fn paced(pace: Pace) -> Self {
        Self {
            pace: Some(pace),
            ..Self::default()
        }
    }

    pub(crate) fn pace(&mut self) -> Option<&mut Pace> {
        self.pace.as_mut()
    }

    /// Goes on with `session`; returns whether another one carried the transfer until now.
    pub(crate) fn connect(&mut self, session: SessionHandle) -> bool {
        let replaced = self.session.is_some();
        self.disconnect();
        self.share = Some(session.share());
        self.session = Some(session);
        replaced
    }

    /// The sizes that fit this transfer's memory.
    pub(crate) fn tuning(&self) -> Tuning {
        self.share.as_ref().map(Share::tuning).unwrap_or_default()
    }

    /// Forgets the session and everything that was meant for it.
    pub(crate) fn disconnect(&mut self) {
        self.session = None;
        self.share = None;
        self.control.clear();
        self.bulk.clear();
    }

    /// Whether this is the session that carries the transfer now.
    pub(crate) fn is_current(&self, session: SessionId) -> bool {
        self.session
            .as_ref()
            .is_some_and(|current| current.session == session)
    }

    pub(crate) fn push_message(&mut self, transfer: TransferId, message: TransferMessage) {
        self.push_command(SessionCommand::Send(Addressed { transfer, message }));
    }

    pub(crate) fn push_command(&mut self, command: SessionCommand) {
        if self.session.is_some() {
            self.control.push_back(command);
        }
    }

    pub(crate) fn push_bulk(&mut self, message: Bytes) {
        if self.session.is_some() {
            self.bulk.push_back(message);
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.control.is_empty() && self.bulk.is_empty()
    }

    /// Hands over what the session takes, one message a call; returns it if it was a bulk message.
    ///
    /// Waits for ever while there is nothing to hand over. Cancel-safe.
    pub(crate) async fn hand_over(&mut self) -> Option<Bytes> {
        let Some(session) = &self.session else {
            return std::future::pending().await;
        };
        tokio::select! {
            permit = session.reserve_command(), if !self.control.is_empty() => {
                if let (Some(permit), Some(command)) = (permit, self.control.pop_front()) {
                    permit.send(command);
                }
                None
            }
            permit = place_for_bulk(session, self.pace.as_mut(), self.bulk.front()), if !self.bulk.is_empty() => {
                let message = self.bulk.pop_front()?;
                let bytes = length(&message);
                if let Some(pace) = &mut self.pace {
                    pace.went(bytes);
                }
                if let Some(permit) = permit {
                    permit.send(message.clone());
                }
                Some(message)
            }
            else => std::future::pending().await,
        }
    }
}

/// A place for the next bulk message, as soon as its time has come.
async fn place_for_bulk<'a>(
    session: &'a SessionHandle,
    pace: Option<&mut Pace>,
    next: Option<&Bytes>,
) -> Option<mpsc::Permit<'a, Bytes>> {
    if let (Some(pace), Some(next)) = (pace, next) {
        pace.ready(length(next)).await;
    }
    session.reserve_bulk().await
}

fn length(message: &Bytes) -> u64 {
    u64::try_from(message.len()).unwrap_or(u64::MAX)
}

/// Why something was left out, as faces are told.
pub(crate) fn skip_reason(reason: GoneReason) -> SkipReason {
    match reason {
        GoneReason::NameRefused => SkipReason::NameRefused,
        GoneReason::Vanished => SkipReason::Gone,
        GoneReason::NotAFile => SkipReason::KindChanged,
        GoneReason::Unreadable => SkipReason::Unreadable,
        GoneReason::SourceKeepsChanging | GoneReason::GrewTooMuch => SkipReason::KeepsChanging,
    }
}

/// Why a transfer waits, as faces are told.
pub(crate) fn pause_reason(
    by: transfer_proto::Side,
    reason: transfer_proto::PauseReason,
) -> api::PauseReason {
    match (by, reason) {
        (_, transfer_proto::PauseReason::DiskFull) => api::PauseReason::DiskFull,
        (_, transfer_proto::PauseReason::DiskFailed) => api::PauseReason::DiskFailed,
        (_, transfer_proto::PauseReason::Stalled) => api::PauseReason::Stalled,
        (transfer_proto::Side::Own, transfer_proto::PauseReason::Person) => api::PauseReason::Here,
        (transfer_proto::Side::Peer, transfer_proto::PauseReason::Person) => {
            api::PauseReason::There
        }
    }
}

/// Messages a transfer may lag behind; an honest peer never comes near.
pub(crate) const INBOX_MESSAGES: usize = 1_024;
