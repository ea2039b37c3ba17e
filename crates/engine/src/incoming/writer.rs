mod folder;
mod pipe;

use api::{CommandError, ErrorCode};
use model::TransferId;
use transfer_proto::{ReceiverInput, ReceiverOutput};

use super::disk::Place;
use crate::problem::sentence;
use crate::transfer::{Reporter, TransferReport};
use folder::Folder;
use pipe::Pipe;

/// Does what the machine asks of the disk.
pub(super) struct Writer {
    transfer: TransferId,
    reporter: Reporter,
    target: Target,
}

enum Target {
    /// Nobody accepted yet, or opening failed.
    None,
    Folder(Box<Folder>),
    StandardOutput(Box<Pipe>),
}

impl Writer {
    pub(super) fn new(transfer: TransferId, reporter: Reporter) -> Self {
        Self {
            transfer,
            reporter,
            target: Target::None,
        }
    }

    /// Opens the place; a failure ends the transfer here, the sender keeps what it has.
    pub(super) fn open(&mut self, place: Place) {
        let opened = match place {
            Place::StandardOutput => Ok(Target::StandardOutput(Box::new(Pipe::new()))),
            Place::Folder {
                folder,
                reserve_bytes,
            } => Folder::open(&folder, reserve_bytes, self.transfer)
                .map(|folder| Target::Folder(Box::new(folder))),
        };
        match opened {
            Ok(target) => self.target = target,
            Err(error) => {
                let error = CommandError::new(ErrorCode::DestinationUnwritable, sentence(&error));
                self.reporter.tell_blocking(TransferReport::Failed(error));
            }
        }
    }

    /// Whether a full disk has room again.
    pub(super) fn has_space(&self) -> bool {
        match &self.target {
            Target::None | Target::StandardOutput(_) => true,
            Target::Folder(folder) => folder.has_space(),
        }
    }

    pub(super) fn path_of(&mut self, entry: u32) -> String {
        match &mut self.target {
            Target::None => String::new(),
            Target::StandardOutput(pipe) => pipe.path(),
            Target::Folder(folder) => folder.path_of(entry),
        }
    }

    /// Does one thing; answers are added to `inputs`.
    pub(super) fn work(&mut self, output: ReceiverOutput, inputs: &mut Vec<ReceiverInput>) {
        match &mut self.target {
            Target::None => {
                // Opening failed: the transfer has ended here, and nothing waits for an answer.
            }
            Target::StandardOutput(pipe) => pipe.work(output, inputs, &self.reporter),
            Target::Folder(folder) => folder.work(output, inputs, &self.reporter),
        }
    }
}
