use api::{
    CommandError, FiguresView, HistoryCommand, HistoryView, ItemKind, Reply, TransferDirection,
    TransferState,
};
use model::Timestamp;
use std::time::Duration;
use store::{HistoryQuery, HistoryRow, TransferFigures};

use super::Hub;
use super::transfers::record_view;
use crate::problem;
use crate::settings::table::HISTORY_DAYS;

impl Hub {
    pub(super) fn history_command(
        &mut self,
        command: HistoryCommand,
    ) -> Result<Reply, CommandError> {
        match command {
            HistoryCommand::Search {
                search,
                with,
                since_s,
                limit,
            } => {
                let with = with.map(|name| self.find_contact(&name)).transpose()?;
                let query = HistoryQuery {
                    search,
                    with: with.map(|contact| contact.id),
                    since: since_s.map(|seconds| Timestamp {
                        seconds,
                        nanoseconds: 0,
                    }),
                    limit: usize::try_from(limit).unwrap_or(usize::MAX),
                };
                let rows = self.store.history(&query).map_err(problem::store)?;
                let transfers = rows.into_iter().map(view).collect();
                Ok(Reply::History { transfers })
            }
            HistoryCommand::Clear => {
                let transfers = self.store.clear_history().map_err(problem::store)?;
                Ok(Reply::Forgotten { transfers })
            }
        }
    }

    /// How long ended transfers stay in the history.
    pub(super) fn history_time(&self) -> Duration {
        let days = self.settings.number(&HISTORY_DAYS).unwrap_or(0);
        Duration::from_secs(days.saturating_mul(24 * 60 * 60))
    }
}

fn view(row: HistoryRow) -> HistoryView {
    let record = row.record;
    let state = record_view(&record).state;
    let names = match row.names.is_empty() {
        true => vec![record.summary.name.clone()],
        false => row.names,
    };
    let ended = record.finished_at.unwrap_or(record.created_at);
    HistoryView {
        transfer: record.id,
        direction: match record.direction {
            store::TransferDirection::Send { .. } => TransferDirection::Outgoing,
            store::TransferDirection::Receive { .. } => TransferDirection::Incoming,
        },
        peer: record.peer_name,
        kind: match record.summary.text {
            true => ItemKind::Text,
            false => ItemKind::Files,
        },
        names,
        entries: row
            .figures
            .map_or(record.summary.entries, |figures| figures.entries),
        bytes: row
            .figures
            .map_or(record.summary.bytes, |figures| figures.bytes),
        ended_at: ended.to_string(),
        code: match state {
            TransferState::Failed { code } => Some(code),
            TransferState::Preparing
            | TransferState::WaitingForPeer
            | TransferState::WaitingForAnswer
            | TransferState::Queued
            | TransferState::Active
            | TransferState::Paused { .. }
            | TransferState::Completed => None,
        },
        figures: row
            .figures
            .filter(|_| state == TransferState::Completed)
            .map(figures_view),
    }
}

fn figures_view(figures: TransferFigures) -> FiguresView {
    FiguresView {
        path: figures.path,
        seconds: figures.active_time.as_secs_f64(),
        resent_bytes: figures.resent_bytes,
        skipped: figures.skipped,
    }
}
