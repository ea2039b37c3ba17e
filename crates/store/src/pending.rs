use std::path::*; use model::*; use crate::*;
impl Store {
/// Pending.
pub fn open(home: &Home, asked: SecretPlace, entropy: Box<dyn Entropy>) -> Result<Store, OpenError> { unimplemented!() }
/// Pending.
pub fn secret_place(&self) -> SecretPlace { unimplemented!() }
/// Pending.
pub fn identity(&mut self) -> Result<DeviceSecrets, StoreError> { unimplemented!() }
/// Pending.
pub fn add_contact(&mut self, contact: NewContact) -> Result<Contact, ContactError> { unimplemented!() }
/// Pending.
pub fn contacts(&self) -> Result<Vec<Contact>, StoreError> { unimplemented!() }
/// Pending.
pub fn contact(&self, id: ContactId) -> Result<Option<Contact>, StoreError> { unimplemented!() }
/// Pending.
pub fn find_contact_by_device(&self, device: &DeviceId) -> Result<Option<Contact>, StoreError> { unimplemented!() }
/// Pending.
pub fn find_contact_by_name(&self, name: &str) -> Result<Option<Contact>, StoreError> { unimplemented!() }
/// Pending.
pub fn find_code_session(&self, code: &Digest, role: CodeRole) -> Result<Option<Contact>, StoreError> { unimplemented!() }
/// Pending.
pub fn rename_contact(&mut self, id: ContactId, name: &DisplayName) -> Result<DisplayName, ContactError> { unimplemented!() }
/// Pending.
pub fn set_blocked(&mut self, id: ContactId, blocked: bool) -> Result<(), ContactError> { unimplemented!() }
/// Pending.
pub fn set_verified(&mut self, id: ContactId, verified: bool) -> Result<(), ContactError> { unimplemented!() }
/// Pending.
pub fn remove_contact(&mut self, id: ContactId) -> Result<(), ContactError> { unimplemented!() }
/// Pending.
pub fn purge_code_sessions(&mut self, now: Timestamp) -> Result<Vec<ContactId>, StoreError> { unimplemented!() }
/// Pending.
pub fn next_outgoing_counter(&mut self, id: ContactId) -> Result<u64, ContactError> { unimplemented!() }
/// Pending.
pub fn last_incoming_counter(&self, id: ContactId) -> Result<u64, ContactError> { unimplemented!() }
/// Pending.
pub fn set_last_incoming_counter(&mut self, id: ContactId, counter: u64) -> Result<(), ContactError> { unimplemented!() }
/// Pending.
pub fn confirm_day(&mut self, id: ContactId, day: Day) -> Result<(), ContactError> { unimplemented!() }
/// Pending.
pub fn add_transfer(&mut self, record: &TransferRecord) -> Result<(), TransferError> { unimplemented!() }
/// Pending.
pub fn update_transfer(&mut self, record: &TransferRecord) -> Result<(), TransferError> { unimplemented!() }
/// Pending.
pub fn set_transfer_state(&mut self, id: TransferId, state: &TransferState, now: Timestamp) -> Result<(), TransferError> { unimplemented!() }
/// Pending.
pub fn complete_transfer(&mut self, id: TransferId, digest: &Digest, now: Timestamp) -> Result<(), TransferError> { unimplemented!() }
/// Pending.
pub fn transfer(&self, id: TransferId) -> Result<Option<TransferRecord>, StoreError> { unimplemented!() }
/// Pending.
pub fn transfers(&self) -> Result<Vec<TransferRecord>, StoreError> { unimplemented!() }
/// Pending.
pub fn unfinished_transfers(&self) -> Result<Vec<TransferRecord>, StoreError> { unimplemented!() }
/// Pending.
pub fn transfers_with(&self, contact: ContactId) -> Result<Vec<TransferRecord>, StoreError> { unimplemented!() }
/// Pending.
pub fn find_sends_by_sources(&self, sources: &[PathBuf]) -> Result<Vec<TransferRecord>, StoreError> { unimplemented!() }
/// Pending.
pub fn finished_transfer(&self, id: TransferId) -> Result<Option<FinishedTransfer>, StoreError> { unimplemented!() }
/// Pending.
pub fn remove_transfer(&mut self, id: TransferId) -> Result<(), TransferError> { unimplemented!() }
/// Pending.
pub fn purge_finished(&mut self, now: Timestamp) -> Result<Vec<TransferId>, StoreError> { unimplemented!() }
/// Pending.
pub fn record_intents(&mut self, transfer: TransferId, intents: &[Vec<u8>]) -> Result<(), TransferError> { unimplemented!() }
/// Pending.
pub fn intents(&self, transfer: TransferId) -> Result<Vec<Vec<u8>>, StoreError> { unimplemented!() }
/// Pending.
pub fn clear_intents(&mut self, transfer: TransferId) -> Result<(), StoreError> { unimplemented!() }
/// Pending.
pub fn record_skipped(&mut self, transfer: TransferId, skipped: &[SkippedEntry]) -> Result<(), TransferError> { unimplemented!() }
/// Pending.
pub fn skipped(&self, transfer: TransferId) -> Result<SkippedEntries, StoreError> { unimplemented!() }
/// Pending.
pub fn device_name(&self) -> Result<Option<DisplayName>, StoreError> { unimplemented!() }
/// Pending.
pub fn set_device_name(&mut self, name: &DisplayName) -> Result<(), StoreError> { unimplemented!() }
/// Pending.
pub fn server_url(&self) -> Result<Option<String>, StoreError> { unimplemented!() }
/// Pending.
pub fn set_server_url(&mut self, url: &str) -> Result<(), StoreError> { unimplemented!() }
/// Pending.
pub fn destination_folder(&self) -> Result<Option<PathBuf>, StoreError> { unimplemented!() }
/// Pending.
pub fn set_destination_folder(&mut self, folder: &Path) -> Result<(), StoreError> { unimplemented!() }
/// Pending.
pub fn disk_reserve_bytes(&self) -> Result<Option<u64>, StoreError> { unimplemented!() }
/// Pending.
pub fn set_disk_reserve_bytes(&mut self, bytes: u64) -> Result<(), StoreError> { unimplemented!() }
/// Pending.
pub fn clear_setting(&mut self, setting: Setting) -> Result<(), StoreError> { unimplemented!() }
}
