use api::TransferState;
use model::ContactId;

use crate::hub::Hub;

impl Hub {
    /// A device is there: it takes what waits for any device of its person.
    pub(super) fn take_roaming(&mut self, device: ContactId) {
        for transfer in self.roaming_for(device) {
            let Some(live) = self.transfers.live.get_mut(&transfer) else {
                self.stop_roaming(transfer);
                continue;
            };
            if live.state != TransferState::WaitingForPeer || live.contact == Some(device) {
                continue;
            }
            live.contact = Some(device);
            if let Ok(Some(mut record)) = self.store.transfer(transfer) {
                record.contact = device;
                if let Err(error) = self.store.update_transfer(&record) {
                    tracing::warn!(%error, "the device that a transfer goes to could not be noted");
                }
            }
        }
    }

    /// A device got another row: its transfers follow.
    pub(in crate::hub) fn transfers_moved(&mut self, from: ContactId, to: ContactId) {
        for live in self.transfers.live.values_mut() {
            if live.contact == Some(from) {
                live.contact = Some(to);
            }
        }
    }
}
