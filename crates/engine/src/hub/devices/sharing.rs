use api::CommandError;
use model::{DeviceId, Entropy as _, PairSecret, Roster};
use pairing_proto::{ContactNotice, DeviceNotice, IntroducedDevice, RosterNotice, SharedDevice};
use store::{Contact, ContactKind};

use super::roster_only;
use crate::entropy::OsEntropy;
use crate::hub::Hub;
use crate::problem;

impl Hub {
    /// Signs a new device of this person in, and introduces it to everybody this device knows.
    pub(super) fn hand_over(&mut self, new: &Contact) -> Result<(), CommandError> {
        let mut roster = self.own_roster()?;
        roster
            .add(&self.identity.secrets, new.keys, new.device_name.clone())
            .map_err(|error| problem::usage(problem::sentence(&error)))?;
        self.keep_own_roster(&roster)?;

        let mut for_new = roster_only(&roster);
        for other in self.store.own_devices().map_err(problem::store)? {
            if other.id != new.id {
                let secret = self.introduce(&other, new.device_id(), &roster, &[])?;
                for_new.introduced.push(IntroducedDevice {
                    device: other.device_id(),
                    secret,
                });
            }
        }
        self.queue(new, &DeviceNotice::Roster(for_new))?;
        let mut contacts = 0;
        for person in self.persons()? {
            self.hand_over_contact(new, &person, &roster)?;
            contacts += 1;
        }
        self.queue(new, &DeviceNotice::HandedOver { contacts })
    }

    fn hand_over_contact(
        &mut self,
        new: &Contact,
        person: &Contact,
        roster: &Roster,
    ) -> Result<(), CommandError> {
        let rows = self.store.devices_of(person.id).map_err(problem::store)?;
        let told: Vec<DeviceId> = rows.iter().map(Contact::device_id).collect();
        let mut devices = Vec::new();
        for row in &rows {
            let secret = self.introduce(row, new.device_id(), roster, &told)?;
            devices.push(shared(row, secret));
        }
        let notice = self.contact_notice(person, devices)?;
        self.queue(new, &DeviceNotice::Contact(notice))
    }

    /// A new contact gets to know this person's other devices, and they it.
    pub(in crate::hub) fn share_contact(&mut self, contact: &Contact) -> Result<(), CommandError> {
        let others = self.store.own_devices().map_err(problem::store)?;
        if others.is_empty() {
            return Ok(());
        }
        let told = [contact.device_id()];
        self.introduce_to_own(contact, &others, &told)
    }

    /// Introduces a contact's device and some own devices to each other.
    pub(super) fn introduce_to_own(
        &mut self,
        device: &Contact,
        others: &[Contact],
        told: &[DeviceId],
    ) -> Result<(), CommandError> {
        let roster = self.own_roster()?;
        let mut notice = roster_only(&roster);
        notice.told = told.to_vec();
        for other in others {
            let secret = PairSecret(OsEntropy.draw());
            let person = self.store.contact(device.person).map_err(problem::store)?;
            let person = person.ok_or_else(problem::unknown_contact)?;
            let shared = vec![shared(device, secret.clone())];
            let contact = self.contact_notice(&person, shared)?;
            self.queue(other, &DeviceNotice::Contact(contact))?;
            notice.introduced.push(IntroducedDevice {
                device: other.device_id(),
                secret,
            });
        }
        self.queue(device, &DeviceNotice::Roster(notice))
    }

    /// Tells a device of a new one of this person; returns the secret that the new one must get too.
    fn introduce(
        &mut self,
        to: &Contact,
        device: DeviceId,
        roster: &Roster,
        told: &[DeviceId],
    ) -> Result<PairSecret, CommandError> {
        let secret = PairSecret(OsEntropy.draw());
        let introduced = IntroducedDevice {
            device,
            secret: secret.clone(),
        };
        let notice = RosterNotice {
            roster: roster.encode(),
            introduced: vec![introduced],
            told: told.to_vec(),
        };
        self.queue(to, &DeviceNotice::Roster(notice))?;
        Ok(secret)
    }

    /// Tells everybody that this person's devices changed.
    pub(super) fn announce_roster(&mut self, roster: &Roster) -> Result<(), CommandError> {
        let notice = DeviceNotice::Roster(roster_only(roster));
        for row in self.store.contacts().map_err(problem::store)? {
            match row.kind {
                ContactKind::Contact | ContactKind::Device | ContactKind::Own => {
                    self.queue(&row, &notice)?;
                }
                ContactKind::CodeSession(_) => {}
            }
        }
        Ok(())
    }

    fn persons(&self) -> Result<Vec<Contact>, CommandError> {
        let mut contacts = self.store.contacts().map_err(problem::store)?;
        contacts.retain(|contact| matches!(contact.kind, ContactKind::Contact));
        Ok(contacts)
    }

    fn contact_notice(
        &self,
        person: &Contact,
        devices: Vec<SharedDevice>,
    ) -> Result<ContactNotice, CommandError> {
        Ok(ContactNotice {
            name: person.name.clone(),
            verified: person.verified,
            blocked: person.blocked,
            muted: person.muted,
            roster: self.store.roster(person.id).map_err(problem::store)?,
            devices,
        })
    }
}

fn shared(row: &Contact, secret: PairSecret) -> SharedDevice {
    SharedDevice {
        keys: row.keys,
        name: row.device_name.clone(),
        secret,
    }
}
