use std::path::Path;

use api::EntryState;
use hashing::chunk_digest;
use model::{ChunkSet, Digest, Entry, Existing, NameRules, TransferId};
use store::Arrival;
use transfer_proto::{
    ChunkDigest, EntryRevision, FinishEntry, HeldEntry, HeldPage, ReceiverInput, ReceiverOutput,
    SinkFailure, StoreChunk,
};
use vfs::failpoint::{self, Point};
use vfs::sink::{
    CommitError, FinalState, Outcome, PageError, Placement, Sink, SinkError, Staging, Standing,
    WriteError,
};
use vfs::space::Reserve;

use super::preflight::{self, missing_bytes};
use super::{Context, listing};
use crate::entries::{self, EntriesQuery};
use crate::transfer::TransferReport;

/// A transfer that is staged in a folder and appears there when it is whole.
pub(super) struct Folder {
    sink: Sink,
    reserve: Reserve,
    /// `None` once it was committed or discarded.
    staging: Option<Staging>,
    existing: Existing,
    /// What was announced.
    bytes: u64,
}

impl Folder {
    pub(super) fn open(
        folder: &Path,
        (reserve_bytes, arrival): (Option<u64>, Arrival),
        (transfer, bytes): (TransferId, u64),
    ) -> Result<Self, SinkError> {
        let reserve = reserve_bytes.map_or(Reserve::Standard, Reserve::Bytes);
        let sink = Sink::open(folder, true)?
            .with_reserve(reserve)
            .with_existing(arrival.existing)
            .with_renaming(arrival.rename)
            .without_programs(arrival.no_programs);
        let sink = match arrival.windows {
            true => sink.with_rules(NameRules::Windows),
            false => sink,
        };
        let staging = Some(sink.stage(transfer)?);
        Ok(Self {
            sink,
            reserve,
            staging,
            existing: arrival.existing,
            bytes,
        })
    }

    pub(super) fn has_space(&self) -> bool {
        self.sink
            .free_space()
            .is_ok_and(|free| free.spare_bytes(self.reserve) >= SPACE_TO_GO_ON)
    }

    pub(super) fn path_of(&self, entry: u32) -> String {
        let path = self
            .staging
            .as_ref()
            .and_then(|staging| staging.path_of(entry));
        path.map(|path| path.to_string()).unwrap_or_default()
    }

    /// Tells a part of what is staged; nothing once it was put in its place.
    pub(super) fn tell_entries(&self, query: EntriesQuery) {
        let Some(staging) = &self.staging else {
            return;
        };
        match staging.standings(query.range()) {
            Ok(found) => {
                let views = found
                    .iter()
                    .map(|(entry, standing)| entries::view(entry, entry_state(*standing)));
                query.answer(views);
            }
            Err(error) => tracing::warn!(%error, "what is staged cannot be listed"),
        }
    }

    pub(super) fn work(
        &mut self,
        output: ReceiverOutput,
        inputs: &mut Vec<ReceiverInput>,
        context: &Context,
    ) {
        let Some(staging) = &mut self.staging else {
            return;
        };
        match output {
            ReceiverOutput::StorePage {
                page,
                first_entry,
                entries,
            } => {
                let missing_bytes = match staging.pages() {
                    0 => missing_bytes(&self.sink, self.reserve, self.bytes),
                    _ => 0, // Part of it is here, and the first page was told.
                };
                let found = (missing_bytes, self.existing);
                let input = store_page(staging, (page, first_entry), (&entries, found), context);
                inputs.push(input);
            }
            ReceiverOutput::CompareChunk(chunk) => inputs.push(compare(staging, &chunk)),
            ReceiverOutput::StoreChunk(chunk) => inputs.push(store_chunk(staging, &chunk)),
            ReceiverOutput::FinishEntry(finish) => inputs.push(finish_entry(staging, &finish)),
            ReceiverOutput::DropEntry { entry } => {
                if let Err(error) = staging.drop_entry(entry) {
                    tracing::warn!(%error, "what was stored of a skipped entry could not be removed");
                }
            }
            ReceiverOutput::Commit => {
                let input = commit(staging, context);
                if matches!(input, ReceiverInput::Committed { .. }) {
                    self.staging = None;
                }
                inputs.push(input);
            }
            ReceiverOutput::Discard => self.discard(),
            // Whatever survives a restart is compared with the source before it counts, so a revision
            // needs no note; closing a page needs nothing of the disk.
            ReceiverOutput::ReviseEntry(_) | ReceiverOutput::ClosePage { .. } => {}
            ReceiverOutput::Send(_)
            | ReceiverOutput::Prompt(_)
            | ReceiverOutput::Event(_)
            | ReceiverOutput::LeftOut(_)
            | ReceiverOutput::Stalled
            | ReceiverOutput::Violation(_)
            | ReceiverOutput::Finished(_) => {}
        }
    }

    fn discard(&mut self) {
        if let Some(staging) = self.staging.take()
            && let Err(error) = staging.discard()
        {
            tracing::warn!(%error, "what was staged could not be removed");
        }
    }
}

fn entry_state(standing: Standing) -> EntryState {
    match standing {
        Standing::Waiting => EntryState::Waiting,
        Standing::Begun => EntryState::Moving,
        Standing::Whole => EntryState::Done,
        Standing::Dropped => EntryState::LeftOut,
    }
}

fn store_page(
    staging: &mut Staging,
    (page, first): (u32, u32),
    (entries, found): (&[Entry], (u64, Existing)),
    context: &Context,
) -> ReceiverInput {
    let have = match staging.add_page(page, entries) {
        Ok(have) => have,
        Err(error) => return page_problem((page, first), entries, &error),
    };
    let refused = (have.first_entry..).zip(entries);
    let refused: Vec<_> = refused
        .filter(|(entry, _)| have.refused.contains(u64::from(*entry)))
        .collect();
    if let [(entry, _), ..] = *refused
        && refused.len() == entries.len()
    {
        return ReceiverInput::PageRefused { page, entry };
    }
    for (_, entry) in refused {
        context.reporter.tell_blocking(TransferReport::Skipped {
            path: entry.path.to_string(),
            reason: match staging.refuses_program(entry) {
                true => api::SkipReason::ProgramRefused,
                false => api::SkipReason::NameRefused,
            },
        });
    }
    let renamed = staging.renamed(entries);
    let findings = preflight::find(staging, (page, first), entries, found);
    context.tell_found(&findings, first, entries);
    if !renamed.is_empty() {
        let report = TransferReport::Renamed(renamed);
        context.reporter.tell_blocking(report);
    }
    ReceiverInput::PageStored {
        page,
        held: HeldPage {
            findings: Some(findings).filter(|findings| !findings.is_empty()),
            ..held_page(entries, &have, &staging.candidates(page))
        },
    }
}

/// `candidates` may hold any content: the sender is asked to compare every chunk of them.
fn held_page(entries: &[Entry], have: &vfs::sink::PageHave, candidates: &ChunkSet) -> HeldPage {
    let mut held = HeldPage {
        refused: have.refused.clone(),
        ..HeldPage::default()
    };
    for (&entry, outcome) in &have.finished {
        match outcome {
            Outcome::Folder | Outcome::File { .. } => held.finished.insert(entry.into()),
            Outcome::Dropped => held.dropped.insert(entry.into()),
        };
    }
    for (entry, file) in (have.first_entry..).zip(entries) {
        let chunks = have.chunks.get(&entry);
        if chunks.is_none() && !candidates.contains(entry.into()) {
            continue;
        }
        held.partial.push(HeldEntry {
            revision: EntryRevision {
                entry,
                version: 0,
                size_bytes: file.size_bytes(),
                modified: file.modified,
            },
            chunks: chunks.cloned().unwrap_or_default(),
            mixed: true,
        });
    }
    held
}

fn page_problem(
    (page, first_entry): (u32, u32),
    entries: &[Entry],
    error: &PageError,
) -> ReceiverInput {
    tracing::warn!(%error, "a page of the manifest is refused");
    match error {
        PageError::NoSpace => ReceiverInput::PageFailed {
            page,
            failure: SinkFailure::DiskFull,
        },
        PageError::Io(_) | PageError::Manifest(_) | PageError::Committing => {
            ReceiverInput::PageFailed {
                page,
                failure: SinkFailure::Unwritable,
            }
        }
        PageError::Name { path, .. }
        | PageError::Reserved { path }
        | PageError::Collision { path }
        | PageError::ParentMissing { path } => {
            let place = entries.iter().rposition(|entry| entry.path == *path);
            let entry = place.and_then(|place| u32::try_from(place).ok());
            let entry = first_entry.saturating_add(entry.unwrap_or_default());
            ReceiverInput::PageRefused { page, entry }
        }
        PageError::OutOfOrder | PageError::Changed => {
            let entry = first_entry;
            ReceiverInput::PageRefused { page, entry }
        }
    }
}

/// What could not be copied from the destination is fetched; whether it can be written shows then.
fn compare(staging: &mut Staging, chunk: &ChunkDigest) -> ReceiverInput {
    let name = chunk.name;
    let adopted = staging.adopt_chunk(name.entry, name.chunk, chunk.length, &chunk.digest);
    let same = adopted.unwrap_or_else(|error| {
        tracing::debug!(%error, "a chunk of the destination could not be used");
        false
    });
    ReceiverInput::ChunkCompared { name, same }
}

fn store_chunk(staging: &mut Staging, chunk: &StoreChunk) -> ReceiverInput {
    let name = chunk.name;
    if chunk_digest(&chunk.data) != chunk.digest {
        return ReceiverInput::ChunkCorrupt { name };
    }
    let written = staging.write_chunk(
        name.entry,
        name.chunk,
        chunk.offset,
        &chunk.data,
        &chunk.digest,
    );
    match written {
        Ok(()) => ReceiverInput::ChunkStored { name },
        Err(error) => ReceiverInput::WriteFailed {
            name,
            failure: write_failure(&error),
        },
    }
}

fn finish_entry(staging: &mut Staging, finish: &FinishEntry) -> ReceiverInput {
    let state = FinalState {
        version: finish.version,
        size_bytes: finish.size_bytes,
        modified: finish.modified,
        executable: finish.executable,
    };
    let entry = finish.entry;
    match staging.finish_entry(entry, &state) {
        Ok(_) => ReceiverInput::EntryFinished { entry },
        Err(error) => ReceiverInput::FinishFailed {
            entry,
            failure: write_failure(&error),
        },
    }
}

fn write_failure(error: &WriteError) -> SinkFailure {
    match error {
        WriteError::NoSpace => SinkFailure::DiskFull,
        WriteError::UnknownEntry
        | WriteError::Misplaced
        | WriteError::Incomplete
        | WriteError::Io(_) => {
            tracing::warn!(%error, "the destination could not be written");
            SinkFailure::Unwritable
        }
    }
}

/// Digest, rename, note: once, whatever happens in between.
fn commit(staging: &mut Staging, context: &Context) -> ReceiverInput {
    match try_commit(staging, context) {
        Ok(digest) => {
            failpoint::pass(Point::Complete);
            ReceiverInput::Committed { digest }
        }
        Err(error) => {
            tracing::warn!(%error, "what arrived could not be moved to its place");
            let failure = match error {
                CommitError::NoSpace => SinkFailure::DiskFull,
                CommitError::Unfinished { .. }
                | CommitError::Missing { .. }
                | CommitError::NoFreeName { .. }
                | CommitError::Record(_)
                | CommitError::Sink(_)
                | CommitError::Page(_)
                | CommitError::Io(_) => SinkFailure::Unwritable,
            };
            ReceiverInput::CommitFailed { failure }
        }
    }
}

fn try_commit(staging: &mut Staging, context: &Context) -> Result<Digest, CommitError> {
    let reporter = &context.reporter;
    let listed = listing::list(staging, &context.list)?;
    let digest = listed.contents.digest;
    reporter.tell_blocking(TransferReport::Listed(listed));
    let mut record = |placements: &[Placement]| reporter.keep_intents(digest, placements);
    let committed = staging.commit(&mut record)?;
    reporter.tell_blocking(TransferReport::Placed(committed));
    reporter
        .keep_completed(digest)
        .map_err(CommitError::Record)?;
    Ok(digest)
}

/// A full disk is written again when this much is free: a window's worth.
const SPACE_TO_GO_ON: u64 = model::limits::UNCONFIRMED_BYTES;
