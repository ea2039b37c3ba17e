//! What the store keeps of a transfer for later runs, and how faces are told of it again.

use api::{ErrorCode, Event, ItemKind, TransferDirection, TransferState, TransferView};
use model::{Digest, PathKind, TransferId};
use store::{Tally, TransferFigures, TransferRecord};

use crate::hub::Hub;
use crate::transfer::{Done, Figures};

impl Hub {
    /// Keeps what a transfer brought and cost, so that a later run tells the same.
    pub(super) fn keep_figures(&mut self, transfer: TransferId, figures: Figures) {
        let figures = kept(figures, self.path_of(transfer));
        // A transfer to standard output, or one that got no contact, may be in no store.
        if let Err(error) = self.store.set_figures(transfer, &figures) {
            tracing::warn!(%error, "the figures of a transfer could not be noted");
        }
    }

    /// What a transfer cost until now.
    pub(super) fn tally(&self, transfer: TransferId) -> Tally {
        self.home.tally(transfer).unwrap_or_else(|error| {
            tracing::warn!(%error, "what a transfer costs is counted for this run only");
            Tally::of_this_run()
        })
    }

    /// The end of a completed transfer, as it was told or would have been.
    pub(super) fn completed_before(&self, record: &TransferRecord, digest: Digest) -> Event {
        let known = self.store.figures(record.id).ok().flatten();
        let figures = known.unwrap_or(TransferFigures {
            path: PathKind::Local,
            active_time: std::time::Duration::ZERO,
            entries: record.summary.entries,
            bytes: record.summary.bytes,
            carried_bytes: record.summary.bytes.saturating_add(record.resent_bytes),
            resent_bytes: record.resent_bytes,
            skipped: 0,
        });
        event(record.id, digest, &figures)
    }
}

/// The end of a transfer.
pub(super) fn completed(transfer: TransferId, done: &Done, path: PathKind) -> Event {
    event(transfer, done.digest, &kept(done.figures, path))
}

fn kept(figures: Figures, path: PathKind) -> TransferFigures {
    TransferFigures {
        path,
        active_time: figures.active_time,
        entries: figures.entries,
        bytes: figures.bytes,
        carried_bytes: figures.carried_bytes,
        resent_bytes: figures.resent_bytes,
        skipped: figures.skipped,
    }
}

fn event(transfer: TransferId, digest: Digest, figures: &TransferFigures) -> Event {
    Event::TransferCompleted {
        transfer,
        entries: figures.entries,
        bytes: figures.bytes,
        digest: digest.to_string(),
        path: figures.path,
        seconds: figures.active_time.as_secs_f64(),
        carried_bytes: figures.carried_bytes,
        resent_bytes: figures.resent_bytes,
        skipped: figures.skipped,
    }
}

/// How the store remembers a failure.
pub(super) fn stored_failure(code: ErrorCode) -> store::TransferState {
    if code == ErrorCode::Declined {
        store::TransferState::Declined
    } else if code == ErrorCode::Cancelled {
        store::TransferState::Cancelled
    } else {
        store::TransferState::Failed {
            code: code_text(code),
        }
    }
}

/// A code as faces print it.
fn code_text(code: ErrorCode) -> String {
    match serde_json::to_value(code) {
        Ok(serde_json::Value::String(text)) => text,
        Ok(_) | Err(_) => format!("{code:?}"),
    }
}

/// Undoes [`code_text`]; a code of another version is nothing that this one knows.
fn read_code(text: &str) -> ErrorCode {
    serde_json::from_value(text.into()).unwrap_or(ErrorCode::Internal)
}

/// A transfer that has no task now.
pub(in crate::hub) fn view(record: &TransferRecord) -> TransferView {
    let state = match &record.state {
        store::TransferState::Offered
        | store::TransferState::Waiting
        | store::TransferState::Active
        | store::TransferState::Paused { .. } => TransferState::WaitingForPeer,
        store::TransferState::Completed => TransferState::Completed,
        store::TransferState::Failed { code } => TransferState::Failed {
            code: read_code(code),
        },
        store::TransferState::Cancelled => TransferState::Failed {
            code: ErrorCode::Cancelled,
        },
        store::TransferState::Declined => TransferState::Failed {
            code: ErrorCode::Declined,
        },
    };
    let completed = state == TransferState::Completed;
    TransferView {
        transfer: record.id,
        direction: match record.direction {
            store::TransferDirection::Send { .. } => TransferDirection::Outgoing,
            store::TransferDirection::Receive { .. } => TransferDirection::Incoming,
        },
        contact: None,
        kind: match record.summary.text {
            true => ItemKind::Text,
            false => ItemKind::Files,
        },
        peer: Some(record.peer_name.clone()),
        name: record.summary.name.clone(),
        state,
        entries: record.summary.entries,
        bytes: if completed { record.summary.bytes } else { 0 },
        total_bytes: record.summary.bytes,
        path: None,
        turn: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_code_of_a_failure_is_read_as_it_was_kept() {
        let codes = [
            ErrorCode::DiskFull,
            ErrorCode::BadName,
            ErrorCode::NoPath,
            ErrorCode::SourceUnreadable,
            ErrorCode::Internal,
        ];
        for code in codes {
            let store::TransferState::Failed { code: text } = stored_failure(code) else {
                panic!("{code:?} is a failure");
            };
            assert_eq!(read_code(&text), code, "{text}");
        }
        assert_eq!(read_code("of another version"), ErrorCode::Internal);
    }
}
