use std::ops::Range;
use std::path::PathBuf;

use api::{CommandError, EntryView, ErrorCode, Reply, TransferDirection, TransferState};
use model::TransferId;
use tokio::sync::oneshot;
use tokio_util::sync::CancellationToken;

use super::super::Hub;
use super::super::receipts::contents;
use super::Live;
use crate::entries::{self, EntriesQuery};
use crate::problem;
use crate::transfer::Inbound;

/// Who tells what a transfer holds.
#[derive(Debug)]
enum Teller {
    /// Nobody knows yet.
    Nobody,
    /// Its task was asked.
    Task(oneshot::Receiver<Vec<EntryView>>),
    /// It is over; its list was kept.
    List(PathBuf, Range<u32>),
}

impl Teller {
    async fn entries(self, shutdown: CancellationToken) -> Result<Vec<EntryView>, CommandError> {
        match self {
            Self::Nobody => Ok(Vec::new()),
            Self::Task(answered) => match shutdown.run_until_cancelled(answered).await {
                Some(Ok(entries)) => Ok(entries),
                Some(Err(_)) | None => Err(not_at_hand()),
            },
            Self::List(list, range) => {
                let read = move || entries::kept(&list, &range);
                let read = tokio::task::spawn_blocking(read).await;
                read.unwrap_or_else(|_| Err(problem::engine_ended()))
            }
        }
    }
}

impl Hub {
    /// Has a part of what a transfer holds told.
    pub(in crate::hub) fn tell_entries(
        &mut self,
        transfer: TransferId,
        (offset, limit): (u32, u32),
        reply: oneshot::Sender<Result<Reply, CommandError>>,
    ) {
        let found = entries::asked(offset, limit);
        let found = found.and_then(|range| self.teller(transfer, range));
        let shutdown = self.ties.shutdown.clone();
        self.tasks.spawn(async move {
            let told = match found {
                Ok((total, teller)) => {
                    let entries = teller.entries(shutdown).await;
                    entries.map(|entries| Reply::Entries { total, entries })
                }
                Err(error) => Err(error),
            };
            // Whoever asked may be gone.
            reply.send(told).ok();
        });
    }

    /// How many entries a transfer has, and who tells them.
    fn teller(
        &self,
        transfer: TransferId,
        range: Range<u32>,
    ) -> Result<(u64, Teller), CommandError> {
        let finished = self.store.finished_transfer(transfer);
        if finished.map_err(problem::store)?.is_some() {
            let record = self.store.receipt(transfer).map_err(problem::store)?;
            let contents = contents(&record.ok_or_else(entries::not_kept)?)?;
            let list = self.home.receipt_list(transfer);
            return Ok((contents.entries, Teller::List(list, range)));
        }
        let Some(live) = self.transfers.live.get(&transfer) else {
            let known = self.store.transfer(transfer).map_err(problem::store)?;
            return Err(known.map_or_else(problem::unknown_transfer, |_| not_at_hand()));
        };
        let total = live.summary.as_ref().map_or(0, |summary| summary.entries);
        if !live.is_listed() {
            return Ok((total, Teller::Nobody));
        }
        let (query, answered) = EntriesQuery::new(range);
        let asked = live.inbox.try_send(Inbound::Entries(query));
        asked.map_err(|_| not_at_hand())?;
        Ok((total, Teller::Task(answered)))
    }
}

impl Live {
    /// Whether its task knows any entries: a sender that has looked, a receiver that has accepted.
    fn is_listed(&self) -> bool {
        let is_offer = self.direction == TransferDirection::Incoming
            && self.state == TransferState::WaitingForAnswer;
        self.summary.is_some() && !is_offer
    }
}

fn not_at_hand() -> CommandError {
    CommandError::new(
        ErrorCode::UnknownTransfer,
        "What this transfer holds is not at hand now. It is told again while both sides are connected.",
    )
}
