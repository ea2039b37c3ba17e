use model::TransferId;

use crate::after_receive::{Arrived, command_words};
use crate::hub::Hub;
use crate::settings::table::AFTER_RECEIVE_COMMAND;

impl Hub {
    /// What arrived in a folder has its command run, if there is one; whatever comes of that.
    pub(super) fn run_after(&self, transfer: TransferId) {
        let command = self.settings.text(&AFTER_RECEIVE_COMMAND);
        let Some(command) = command.and_then(command_words) else {
            return;
        };
        let Ok(Some(record)) = self.store.transfer(transfer) else {
            return;
        };
        let store::TransferDirection::Receive {
            destination: Some(folder),
        } = record.direction
        else {
            return;
        };
        let arrived = Arrived {
            transfer,
            from: record.peer_name,
            folder,
            command,
        };
        if self.transfers.arrived.try_send(arrived).is_err() {
            tracing::warn!(%transfer, "too many commands wait: none runs for this transfer");
        }
    }
}
