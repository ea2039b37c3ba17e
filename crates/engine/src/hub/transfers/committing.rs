//! Ends commits that a crash interrupted.

use std::path::Path;

use api::{CommandError, ErrorCode};
use model::{Digest, TransferId, wire};
use store::TransferRecord;
use transfer_proto::TransferDigest;
use vfs::sink::{Outcome, Placement, Sink};

use crate::hub::Hub;
use crate::transfer::Intent;
use crate::{clock, problem};

impl Hub {
    /// Ends a commit that a crash interrupted: what has an intent goes to its place, once.
    ///
    /// Returns whether there was one.
    pub(super) fn finish_commit(&mut self, record: &TransferRecord) -> bool {
        // One that has a task ends its own commit.
        if record.state.is_finished() || self.transfers.live.contains_key(&record.id) {
            return false;
        }
        match self.try_finish_commit(record) {
            Ok(finished) => finished,
            Err(error) => {
                tracing::warn!(%error, "an interrupted commit could not be ended");
                false
            }
        }
    }

    fn try_finish_commit(&mut self, record: &TransferRecord) -> Result<bool, CommandError> {
        let kept = self.store.intents(record.id).map_err(problem::store)?;
        let intents: Vec<Intent> = kept
            .iter()
            .filter_map(|intent| wire::decode(intent, INTENT_BYTES).ok())
            .collect();
        let store::TransferDirection::Receive {
            destination: Some(folder),
        } = &record.direction
        else {
            return Ok(false);
        };
        let begun = match intents.first() {
            Some(intent) => Some(intent.digest),
            None => interrupted_digest(folder, record.id),
        };
        let Some(digest) = begun else {
            return Ok(false);
        };
        let placements: Vec<Placement> = intents
            .into_iter()
            .map(|intent| Placement {
                staged: intent.staged,
                placed: intent.placed,
            })
            .collect();
        let arrival = self.store.arrival(record.id).map_err(problem::store)?;
        let store = &mut self.store;
        let mut keep = |placements: &[Placement]| {
            let intents: Vec<Vec<u8>> = placements
                .iter()
                .map(|placement| {
                    wire::encode(&Intent {
                        digest,
                        staged: placement.staged.clone(),
                        placed: placement.placed.clone(),
                    })
                })
                .collect();
            store
                .record_intents(record.id, &intents)
                .map_err(std::io::Error::other)
        };
        let unwritable = |error: &dyn std::error::Error| {
            CommandError::new(ErrorCode::DestinationUnwritable, problem::sentence(error))
        };
        let committed = Sink::open(folder, false)
            .map_err(|error| unwritable(&error))?
            .with_existing(arrival.existing)
            .with_renaming(arrival.rename)
            .recover(record.id, &placements, &mut keep)
            .map_err(|error| unwritable(&error))?;
        self.keep_placed_names(record.id, &committed);
        self.store
            .complete_transfer(record.id, &digest, clock::timestamp())
            .map_err(problem::transfer)?;
        self.home.remove_spool(record.id).ok();
        self.run_after(record.id);
        Ok(true)
    }
}

/// The digest of what a crash left in the moment before the first intent.
fn interrupted_digest(folder: &Path, transfer: TransferId) -> Option<Digest> {
    let sink = Sink::open(folder, false).ok()?;
    let staging = sink.interrupted(transfer).ok().flatten()?;
    let mut digest = TransferDigest::new();
    let told = staging.outcomes(&mut |_, entry, outcome| match outcome {
        Outcome::Folder => digest.push(&entry.path, entry.kind, 0, &Digest::of(&[])),
        Outcome::File {
            size_bytes,
            digest: file,
        } => digest.push(&entry.path, entry.kind, *size_bytes, file),
        Outcome::Dropped => {}
    });
    told.ok().map(|()| digest.finish())
}

/// A kept intent: two names and a digest.
const INTENT_BYTES: usize = 1_024;
