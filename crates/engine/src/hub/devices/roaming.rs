use api::CommandError;
use model::{ContactId, TransferId};
use store::Contact;

use crate::hub::Hub;
use crate::problem;

impl Hub {
    /// The device of a contact that a send begins with: the one that is named, or one that is there.
    pub(in crate::hub) fn device_to_send_to(
        &self,
        person: &Contact,
        named: Option<&str>,
    ) -> Result<Contact, CommandError> {
        let mut rows = self
            .store
            .devices_of(person.person)
            .map_err(problem::store)?;
        let found = match named {
            Some(name) => rows.iter().position(|row| row.device_name.as_str() == name),
            None => rows
                .iter()
                .position(|row| self.meetings.is_connected(row.id))
                .or(Some(0)),
        };
        match found {
            Some(index) if index < rows.len() => Ok(rows.swap_remove(index)),
            Some(_) | None => Err(problem::usage(
                "This contact has no device of that name: see wherry contacts list.",
            )),
        }
    }

    /// Lets any device of a person take a transfer, as long as none has begun.
    pub(in crate::hub) fn let_roam(&mut self, transfer: TransferId, person: &Contact) {
        let roaming = &mut self.identity.devices.roaming;
        roaming.insert(transfer, person.person);
    }

    /// One device took it: it stays there.
    pub(in crate::hub) fn stop_roaming(&mut self, transfer: TransferId) {
        self.identity.devices.roaming.remove(&transfer);
    }

    /// Whether something waits for any device of the person that `device` belongs to.
    pub(in crate::hub) fn has_roaming(&self, device: ContactId) -> bool {
        !self.roaming_for(device).is_empty()
    }

    /// The transfers that the device may take.
    pub(in crate::hub) fn roaming_for(&self, device: ContactId) -> Vec<TransferId> {
        let roaming = &self.identity.devices.roaming;
        if roaming.is_empty() {
            return Vec::new();
        }
        let Ok(Some(device)) = self.store.contact(device) else {
            return Vec::new();
        };
        let of_person = roaming
            .iter()
            .filter(|(_, person)| **person == device.person);
        of_person.map(|(&transfer, _)| transfer).collect()
    }

    /// Looks for every device of the person that a roaming transfer is for.
    pub(in crate::hub) fn meet_any(&mut self, transfer: TransferId) {
        let Some(&person) = self.identity.devices.roaming.get(&transfer) else {
            return;
        };
        for row in self.store.devices_of(person).unwrap_or_default() {
            self.meet(row.id);
        }
    }

    /// The person that a device belongs to.
    pub(in crate::hub) fn person_of(&self, device: ContactId) -> ContactId {
        let known = self.store.contact(device).ok().flatten();
        known.map_or(device, |known| known.person)
    }
}
