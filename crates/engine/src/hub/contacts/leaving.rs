use api::CommandError;
use model::ContactId;

use crate::hub::Hub;
use crate::problem;

impl Hub {
    /// Ends every unfinished transfer with a contact that is about to be forgotten; nothing half stays.
    pub(in crate::hub) fn cancel_transfers_with(
        &mut self,
        contact: ContactId,
    ) -> Result<(), CommandError> {
        self.cancel_live_with(contact);
        let records = self.store.transfers_with(contact).map_err(problem::store)?;
        for record in records {
            if !record.state.is_finished() && !self.has_task(record.id) {
                self.discard_transfer(&record)?;
            }
        }
        Ok(())
    }
}
