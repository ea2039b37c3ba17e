//! What faces ask about one transfer: what is offered, where it lies, to do it again, to forget it.

use std::path::{Path, PathBuf};

use api::{
    CommandError, Destination, OfferCommand, OfferView, Reply, SendOptions, SendSources,
    TransferState,
};
use model::{DisplayName, TransferId, is_program_name};
use store::TransferRecord;

use crate::hub::{ClientId, Hub};
use crate::problem;
use crate::settings::table::DESTINATION_FOLDER;

impl Hub {
    pub(in crate::hub) fn offer_command(
        &mut self,
        command: &OfferCommand,
    ) -> Result<Reply, CommandError> {
        match command {
            OfferCommand::Show { transfer } => self.show_offer(*transfer),
        }
    }

    fn show_offer(&mut self, transfer: TransferId) -> Result<Reply, CommandError> {
        let live = self.live(transfer)?;
        let (Some(contact), Some(summary)) = (live.contact, live.summary.clone()) else {
            return Err(problem::unknown_transfer());
        };
        if live.state != TransferState::WaitingForAnswer {
            return Err(problem::unknown_transfer());
        }
        let known = self.store.contact(contact).map_err(problem::store)?;
        let destination = self.usual_folder();
        let executable = is_program_name(summary.name.as_str());
        Ok(Reply::Offer(OfferView {
            transfer,
            device: known.map_or_else(|| DisplayName::new(""), |known| known.device_name),
            executable: executable
                .then(|| summary.name.clone())
                .into_iter()
                .collect(),
            files: summary.files,
            names: vec![summary.name],
            free_bytes: destination.as_deref().and_then(free_bytes),
            destination: destination.map(Destination::Folder),
        }))
    }

    /// Where things go if nobody says otherwise.
    fn usual_folder(&self) -> Option<PathBuf> {
        if let Some(receiving) = self.clients.receiving()
            && let Destination::Folder(folder) = &receiving.destination
        {
            return Some(folder.clone());
        }
        let folder = self.settings.folder(&DESTINATION_FOLDER);
        folder.map(Path::to_owned)
    }

    pub(super) fn locate_transfer(&self, transfer: TransferId) -> Result<Reply, CommandError> {
        let record = self.record(transfer)?;
        let (folder, things) = match record.direction {
            store::TransferDirection::Send { sources } => {
                let first = sources.first().ok_or_else(nowhere)?;
                (parent(first), sources)
            }
            store::TransferDirection::Receive { destination } => {
                let folder = destination.ok_or_else(nowhere)?;
                let names = self.store.placed_names(transfer).map_err(problem::store)?;
                let things = names.iter().map(|name| folder.join(name.as_str()));
                let things = things.collect();
                (folder, things)
            }
        };
        let mut names = things.iter().filter_map(|it| it.file_name());
        let could_run = names.any(|name| is_program_name(&name.to_string_lossy()));
        Ok(Reply::Location {
            folder,
            things,
            could_run,
        })
    }

    pub(super) fn retry_transfer(
        &mut self,
        client: ClientId,
        transfer: TransferId,
    ) -> Result<Reply, CommandError> {
        let record = self.record(transfer)?;
        let store::TransferDirection::Send { sources } = &record.direction else {
            return Err(problem::usage("Only the sender can send it again."));
        };
        if sources.is_empty() || record.state == store::TransferState::Completed {
            return Err(problem::usage("There is nothing to send again."));
        }
        let recipients = [record.contact.to_string()];
        let sources = SendSources::Paths(sources.clone());
        self.send_to_contacts(client, &recipients, &sources, &SendOptions::default())
    }

    pub(super) fn forget_transfer(&mut self, transfer: TransferId) -> Result<Reply, CommandError> {
        let record = self.record(transfer)?;
        if !record.state.is_finished() || self.has_task(transfer) {
            return Err(problem::usage("It is not over: cancel it first."));
        }
        self.store
            .remove_transfer(transfer)
            .map_err(problem::transfer)?;
        self.home.remove_spool(transfer).map_err(problem::home)?;
        Ok(Reply::Done)
    }

    fn record(&self, transfer: TransferId) -> Result<TransferRecord, CommandError> {
        let record = self.store.transfer(transfer).map_err(problem::store)?;
        record.ok_or_else(problem::unknown_transfer)
    }
}

fn parent(path: &Path) -> PathBuf {
    path.parent().unwrap_or(path).to_owned()
}

fn nowhere() -> CommandError {
    problem::usage("Nothing of it lies in a folder.")
}

/// The room at a folder that may not exist yet.
fn free_bytes(folder: &Path) -> Option<u64> {
    folder
        .ancestors()
        .find_map(|place| vfs::space::free_space(place).ok())
        .map(|space| space.available_bytes)
}
