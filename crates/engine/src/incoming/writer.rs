mod folder;
mod listing;
mod pipe;
mod preflight;
mod text;

use std::sync::{Arc, OnceLock};

use api::{CommandError, ErrorCode};
use model::TransferId;
use transfer_proto::{ReceiverInput, ReceiverOutput, SinkFailure};

use super::disk::Place;
use crate::entries::EntriesQuery;
use crate::problem::sentence;
use crate::receipts::ListPlan;
use crate::transfer::Reporter;
use folder::Folder;
use pipe::Pipe;
use text::Text;

/// Does what the machine asks of the disk.
pub(super) struct Writer {
    transfer: TransferId,
    context: Context,
    target: Target,
}

/// What every target needs for its end.
pub(super) struct Context {
    pub(super) reporter: Reporter,
    pub(super) list: ListPlan,
    /// Why the place could not be opened.
    pub(super) refusal: Arc<OnceLock<CommandError>>,
}

enum Target {
    /// Nobody accepted yet, or opening failed.
    None,
    Folder(Box<Folder>),
    StandardOutput(Box<Pipe>),
    Text(Box<Text>),
}

impl Writer {
    pub(super) fn new(transfer: TransferId, context: Context) -> Self {
        Self {
            transfer,
            context,
            target: Target::None,
        }
    }

    /// Opens the place; a failure ends the transfer, and both sides hear of it.
    pub(super) fn open(&mut self, place: Place, bytes: u64) -> Option<ReceiverInput> {
        let opened = match place {
            Place::Text => Ok(Target::Text(Box::default())),
            Place::StandardOutput => Ok(Target::StandardOutput(Box::new(Pipe::new()))),
            Place::Folder {
                folder,
                reserve_bytes,
                arrival,
            } => Folder::open(&folder, (reserve_bytes, arrival), (self.transfer, bytes))
                .map(|folder| Target::Folder(Box::new(folder))),
        };
        match opened {
            Ok(target) => {
                self.target = target;
                None
            }
            Err(error) => {
                let error = CommandError::new(ErrorCode::DestinationUnwritable, sentence(&error));
                self.context.refusal.get_or_init(|| error);
                Some(ReceiverInput::PlaceRefused)
            }
        }
    }

    /// Takes the plain SHA-256 of every file at the end.
    pub(super) fn take_sums(&mut self) {
        self.context.list.checksums = true;
        if let Target::StandardOutput(pipe) = &mut self.target {
            pipe.take_sums();
        }
    }

    /// Whether a full disk has room again.
    pub(super) fn has_space(&self) -> bool {
        match &self.target {
            Target::None | Target::StandardOutput(_) | Target::Text(_) => true,
            Target::Folder(folder) => folder.has_space(),
        }
    }

    pub(super) fn path_of(&mut self, entry: u32) -> String {
        match &mut self.target {
            Target::None => String::new(),
            Target::StandardOutput(pipe) => pipe.path(),
            Target::Text(text) => text.path(),
            Target::Folder(folder) => folder.path_of(entry),
        }
    }

    /// Tells a part of what is announced, as far as it is.
    pub(super) fn tell_entries(&self, query: EntriesQuery) {
        match &self.target {
            Target::Folder(folder) => folder.tell_entries(query),
            Target::None | Target::StandardOutput(_) | Target::Text(_) => query.answer(Vec::new()),
        }
    }

    /// Does one thing; answers are added to `inputs`.
    pub(super) fn work(&mut self, output: ReceiverOutput, inputs: &mut Vec<ReceiverInput>) {
        match &mut self.target {
            Target::None => {
                // Opening failed: the transfer has ended here, and nothing waits for an answer.
            }
            Target::StandardOutput(pipe) => pipe.work(output, inputs, &self.context),
            Target::Folder(folder) => folder.work(output, inputs, &self.context),
            Target::Text(text) => text.work(output, inputs, &self.context),
        }
    }
}

/// The end could not be noted: it is tried again when there is space or a person goes on.
fn commit_failed(error: &dyn std::error::Error) -> ReceiverInput {
    tracing::warn!(%error, "the end could not be noted");
    ReceiverInput::CommitFailed {
        failure: SinkFailure::Unwritable,
    }
}
