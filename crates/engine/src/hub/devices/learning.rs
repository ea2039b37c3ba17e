use api::{CommandError, Event};
use model::{DeviceId, Entropy as _, PairSecret, Roster};
use pairing_proto::{ContactNotice, DeviceNotice, IntroducedDevice, RosterNotice};
use store::{Contact, ContactKind, DeviceOf, NewContact, NewDevice};

use super::{chain_of, revoked_here};
use crate::entropy::OsEntropy;
use crate::hub::Hub;
use crate::{clock, problem};

impl Hub {
    /// Takes what a device says, as far as it may say it.
    pub(super) fn learn(
        &mut self,
        from: &Contact,
        notice: DeviceNotice,
    ) -> Result<(), CommandError> {
        match (from.kind, notice) {
            (ContactKind::Own, DeviceNotice::Roster(notice)) => self.learn_own(from, &notice),
            (ContactKind::Own, DeviceNotice::Contact(notice)) => self.learn_contact(&notice),
            (ContactKind::Own, DeviceNotice::HandedOver { contacts }) => {
                if let Some(client) = self.identity.devices.joining.take() {
                    let event = Event::DeviceReady {
                        name: from.device_name.clone(),
                        contacts: Some(contacts),
                    };
                    self.clients.tell(client, event);
                }
                Ok(())
            }
            (ContactKind::Contact | ContactKind::Device, DeviceNotice::Roster(notice)) => {
                self.learn_person(from, &notice)
            }
            (
                ContactKind::Contact | ContactKind::Device,
                DeviceNotice::Contact(_) | DeviceNotice::HandedOver { .. },
            )
            | (ContactKind::CodeSession(_), _) => Err(not_to_say()),
        }
    }

    /// Another device of this person says which devices there are.
    fn learn_own(&mut self, from: &Contact, notice: &RosterNotice) -> Result<(), CommandError> {
        let roster = read(&notice.roster)?;
        let own = self.identity.secrets.device_id();
        let held = self.store.own_roster().map_err(problem::store)?;
        let is_news = match held.map(|bytes| read(&bytes)).transpose()? {
            Some(held) if held == roster => false,
            Some(held) if roster.supersedes(&held) => true,
            Some(_) => return Ok(()), // An older one, or one that lost: ours reaches its sender too.
            None => {
                let names_both =
                    roster.device(&from.device_id()).is_some() && roster.device(&own).is_some();
                if !names_both {
                    return Err(not_to_say());
                }
                true
            }
        };
        if is_news {
            self.keep_own_roster(&roster)?;
        }
        if roster.has_revoked(&own) {
            self.revoked_by_others();
            return Ok(());
        }
        self.add_introduced(DeviceOf::Us, &roster, &notice.introduced)?;
        for row in self.store.own_devices().map_err(problem::store)? {
            if roster.has_revoked(&row.device_id()) {
                self.forget_own_device(&row)?;
            }
        }
        self.refresh_mailboxes()
    }

    fn revoked_by_others(&mut self) {
        if self.identity.devices.revoked {
            return;
        }
        self.identity.devices.revoked = true;
        let name = self.device_name();
        let device_id = self.identity.secrets.device_id().to_string();
        self.clients.tell_all(&Event::ThisDeviceRevoked {
            name,
            device_id,
            message: revoked_here().message,
        });
        for contact in self.store.contacts().unwrap_or_default() {
            self.end_meeting(contact.id);
        }
        self.leave_server();
    }

    /// A contact's device says which devices its person has.
    fn learn_person(&mut self, from: &Contact, notice: &RosterNotice) -> Result<(), CommandError> {
        let roster = read(&notice.roster)?;
        if roster.device(&from.device_id()).is_none() {
            return Err(not_to_say());
        }
        let person = from.person;
        let held = self.store.roster(person).map_err(problem::store)?;
        let held = held.map(|bytes| read(&bytes)).transpose()?;
        match &held {
            Some(held) if *held == roster => {}
            Some(held) if roster.supersedes(held) => self.keep_roster(from, &roster)?,
            Some(_) => return Ok(()), // An older one, or one that lost.
            None => self.keep_roster(from, &roster)?,
        }
        let known: Vec<DeviceId> = match &held {
            Some(held) => held
                .devices()
                .map(|device| device.keys.device_id())
                .collect(),
            None => self.device_ids_of(from)?,
        };
        for device in roster.devices() {
            let id = device.keys.device_id();
            if !known.contains(&id) {
                self.tell_device_added(Some(from), &device.name, &id);
            }
        }
        let added = self.add_introduced(DeviceOf::Person(person), &roster, &notice.introduced)?;
        self.drop_revoked_of(from, &roster)?;
        self.refresh_mailboxes()?;
        for device in &added {
            self.introduce_those_untold(device, &roster, &notice.told)?;
            self.greet(device.id);
        }
        Ok(())
    }

    fn keep_roster(&mut self, of: &Contact, roster: &Roster) -> Result<(), CommandError> {
        self.store
            .set_roster(of.person, &roster.encode())
            .map_err(problem::contact)?;
        for row in self.store.devices_of(of.person).map_err(problem::store)? {
            if let Some(device) = roster.device(&row.device_id()) {
                self.store
                    .set_device_name_of(row.id, &device.name)
                    .map_err(problem::contact)?;
            }
        }
        Ok(())
    }

    fn device_ids_of(&self, of: &Contact) -> Result<Vec<DeviceId>, CommandError> {
        let rows = self.store.devices_of(of.person).map_err(problem::store)?;
        Ok(rows.iter().map(Contact::device_id).collect())
    }

    /// Adds the devices that share a secret with this one from now on, if the roster holds them.
    fn add_introduced(
        &mut self,
        of: DeviceOf,
        roster: &Roster,
        introduced: &[IntroducedDevice],
    ) -> Result<Vec<Contact>, CommandError> {
        let own = self.identity.secrets.device_id();
        let mut added = Vec::new();
        for introduction in introduced {
            let Some(device) = roster.device(&introduction.device) else {
                continue;
            };
            if introduction.device == own {
                continue;
            }
            let new = NewDevice {
                keys: device.keys,
                name: device.name.clone(),
                chain: chain_of(&introduction.secret),
                of,
                added_at: clock::timestamp(),
            };
            added.extend(self.store.add_device(new).map_err(problem::contact)?);
        }
        Ok(added)
    }

    /// Ends everything with the devices of a contact that its roster does not hold any more.
    fn drop_revoked_of(&mut self, of: &Contact, roster: &Roster) -> Result<(), CommandError> {
        let rows = self.store.devices_of(of.person).map_err(problem::store)?;
        let (standing, gone): (Vec<_>, Vec<_>) = rows
            .into_iter()
            .partition(|row| roster.device(&row.device_id()).is_some());
        for row in gone {
            self.end_meeting(row.id);
            self.cancel_transfers_with(row.id)?;
            if row.id != row.person {
                self.store
                    .remove_contact(row.id)
                    .map_err(problem::contact)?;
            } else if let Some(next) = standing.first() {
                self.end_meeting(next.id);
                self.store
                    .promote_device(next.id)
                    .map_err(problem::contact)?;
                self.transfers_moved(next.id, row.id);
            } else {
                let nobody = chain_of(&PairSecret(OsEntropy.draw()));
                self.store
                    .cut_off_device(row.id, &nobody)
                    .map_err(problem::contact)?;
            }
            self.clients.tell_all(&Event::DeviceRevoked {
                contact: Some(of.name.clone()),
                name: row.device_name.clone(),
                device_id: row.device_id().to_string(),
            });
        }
        Ok(())
    }

    /// Introduces a contact's new device and those own devices of which its introducer did not know.
    ///
    /// Both persons notice that; the one with the lower root acts, by the lowest of the devices told.
    fn introduce_those_untold(
        &mut self,
        device: &Contact,
        theirs: &Roster,
        told: &[DeviceId],
    ) -> Result<(), CommandError> {
        let own = self.identity.secrets.device_id();
        let ours = self.own_roster()?;
        let is_ours_to_do = ours.root() < theirs.root() && told.iter().all(|told| own <= *told);
        let mut others = self.store.own_devices().map_err(problem::store)?;
        others.retain(|other| !told.contains(&other.device_id()));
        if !is_ours_to_do || others.is_empty() {
            return Ok(());
        }
        let told = self.device_ids_of(device)?;
        self.introduce_to_own(device, &others, &told)
    }

    /// Another device of this person shares a contact.
    fn learn_contact(&mut self, notice: &ContactNotice) -> Result<(), CommandError> {
        let roster = notice.roster.as_deref().map(read).transpose()?;
        let person = match self.known_person(notice)? {
            Some(person) => person,
            None => self.add_shared_contact(notice)?,
        };
        for device in &notice.devices {
            let new = NewDevice {
                keys: device.keys,
                name: device.name.clone(),
                chain: chain_of(&device.secret),
                of: DeviceOf::Person(person.person),
                added_at: clock::timestamp(),
            };
            self.store.add_device(new).map_err(problem::contact)?;
        }
        let held = self.store.roster(person.person).map_err(problem::store)?;
        let held = held.map(|bytes| read(&bytes)).transpose()?;
        if let Some(roster) = roster
            && held.is_none_or(|held| roster.supersedes(&held))
        {
            self.keep_roster(&person, &roster)?;
        }
        self.refresh_mailboxes()?;
        for row in self
            .store
            .devices_of(person.person)
            .map_err(problem::store)?
        {
            self.greet(row.id);
        }
        Ok(())
    }

    fn known_person(&self, notice: &ContactNotice) -> Result<Option<Contact>, CommandError> {
        let roster = notice.roster.as_deref().map(read).transpose()?;
        let in_roster = roster.iter().flat_map(Roster::devices);
        let ids = in_roster.map(|device| device.keys.device_id());
        let shared = notice.devices.iter().map(|device| device.keys.device_id());
        for id in ids.chain(shared) {
            if let Some(known) = self.store.find_device(&id).map_err(problem::store)? {
                return match known.kind {
                    ContactKind::Contact | ContactKind::Device => Ok(Some(known)),
                    ContactKind::Own | ContactKind::CodeSession(_) => Err(not_to_say()),
                };
            }
        }
        Ok(None)
    }

    fn add_shared_contact(&mut self, notice: &ContactNotice) -> Result<Contact, CommandError> {
        let first = notice.devices.first().ok_or_else(not_to_say)?;
        let new = NewContact {
            name: notice.name.clone(),
            keys: first.keys,
            chain: chain_of(&first.secret),
            verified: notice.verified,
            kind: ContactKind::Contact,
            replaces: None,
            added_at: clock::timestamp(),
        };
        let contact = self.store.add_contact(new).map_err(problem::contact)?;
        let marks = [
            self.store.set_blocked(contact.id, notice.blocked),
            self.store.set_muted(contact.id, notice.muted),
            self.store.set_device_name_of(contact.id, &first.name),
        ];
        for mark in marks {
            mark.map_err(problem::contact)?;
        }
        self.clients.tell_all(&Event::ContactAdded {
            contact: contact.id,
            name: contact.name.clone(),
            verified: contact.verified,
        });
        Ok(contact)
    }
}

fn read(bytes: &[u8]) -> Result<Roster, CommandError> {
    Roster::decode(bytes).map_err(|error| problem::usage(problem::sentence(&error)))
}

fn not_to_say() -> CommandError {
    problem::usage("This device may not say that.")
}
