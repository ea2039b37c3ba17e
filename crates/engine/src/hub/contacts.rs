mod leaving;

use std::time::Instant;

use api::{CommandError, ContactCommand, ContactView, Reply, RouteView};
use model::{Digest, DisplayName, RelayWish};
use pairing_proto::ComparisonWords;
use store::{Contact, ContactKind};

use super::Hub;
use crate::problem;

impl Hub {
    pub(super) fn contact_command(
        &mut self,
        command: &ContactCommand,
    ) -> Result<Reply, CommandError> {
        match command {
            ContactCommand::List => self.list_contacts(),
            ContactCommand::Rename { contact, name } => self.rename_contact(contact, name),
            ContactCommand::Remove { contact } => self.remove_contact(contact),
            ContactCommand::Block { contact, blocked } => self.block_contact(contact, *blocked),
            ContactCommand::Mute { contact, muted } => self.mute_contact(contact, *muted),
            ContactCommand::Relay { contact, wish } => self.route_contact(contact, *wish),
            ContactCommand::Verify { contact, verified } => self.verify_contact(contact, *verified),
        }
    }

    pub(super) fn list_contacts(&self) -> Result<Reply, CommandError> {
        let contacts = self.store.contacts().map_err(problem::store)?;
        let now = Instant::now();
        let devices = |person: &Contact| {
            let person = person.id;
            contacts.iter().filter(move |row| row.person == person)
        };
        let contacts = contacts
            .iter()
            .filter(|contact| matches!(contact.kind, ContactKind::Contact))
            .cloned()
            .map(|contact| ContactView {
                contact: contact.id,
                route: RouteView {
                    path: devices(&contact).find_map(|row| {
                        let session = self.meetings.session(row.id)?;
                        Some(session.path())
                    }),
                    searching: devices(&contact).any(|row| self.meetings.is_searching(row.id)),
                    relay: self.store.relay_wish(contact.id).ok().flatten(),
                },
                words: self.words_of(&contact),
                presence: self.presence_of(devices(&contact)),
                devices: devices(&contact).map(|row| self.device_view(row)).collect(),
                muted_for_s: self
                    .transfers
                    .muted_for(contact.id, now)
                    .map(|left| left.as_secs()),
                verified_at: self.verified_at(&contact),
                name: contact.name,
                verified: contact.verified,
                blocked: contact.blocked,
                muted: contact.muted,
                key_changed: contact.key_changed,
            })
            .collect();
        Ok(Reply::Contacts { contacts })
    }

    /// Six words that both devices can show at any time: made of their two ids, so whoever compares them
    /// compares the keys behind.
    fn words_of(&self, contact: &Contact) -> String {
        let mut ids = [self.identity.secrets.device_id(), contact.device_id()];
        ids.sort();
        let digest = Digest::of_parts(&[b"wherry 1 contact words", &ids[0].0, &ids[1].0]);
        ComparisonWords::of_digest(&digest).to_string()
    }

    pub(super) fn rename_contact(&mut self, name: &str, to: &str) -> Result<Reply, CommandError> {
        let contact = self.find_contact(name)?;
        let to = DisplayName::new(to);
        if to.as_str().is_empty() {
            return Err(problem::usage("A contact needs a name."));
        }
        self.store
            .rename_contact(contact.id, &to)
            .map_err(problem::contact)?;
        Ok(Reply::Contact {
            contact: contact.id,
        })
    }

    pub(super) fn remove_contact(&mut self, name: &str) -> Result<Reply, CommandError> {
        let contact = self.find_contact(name)?;
        for row in self.store.devices_of(contact.id).map_err(problem::store)? {
            self.cancel_transfers_with(row.id)?;
            self.end_meeting(row.id);
        }
        self.store
            .remove_contact(contact.id)
            .map_err(problem::contact)?;
        self.refresh_mailboxes()?;
        Ok(Reply::Contact {
            contact: contact.id,
        })
    }

    pub(super) fn block_contact(
        &mut self,
        name: &str,
        blocked: bool,
    ) -> Result<Reply, CommandError> {
        let contact = self.find_contact(name)?;
        self.store
            .set_blocked(contact.id, blocked)
            .map_err(problem::contact)?;
        if blocked {
            for row in self.store.devices_of(contact.id).map_err(problem::store)? {
                self.end_meeting(row.id);
            }
        }
        self.refresh_mailboxes()?;
        Ok(Reply::Contact {
            contact: contact.id,
        })
    }

    fn mute_contact(&mut self, name: &str, muted: bool) -> Result<Reply, CommandError> {
        let contact = self.find_contact(name)?;
        self.store
            .set_muted(contact.id, muted)
            .map_err(problem::contact)?;
        if !muted {
            self.transfers.forgive(contact.id);
        }
        Ok(Reply::Contact {
            contact: contact.id,
        })
    }

    /// What stands another way than is wished now is made anew.
    fn route_contact(
        &mut self,
        name: &str,
        wish: Option<RelayWish>,
    ) -> Result<Reply, CommandError> {
        let contact = self.find_contact(name)?;
        self.store
            .set_relay(contact.id, wish)
            .map_err(problem::contact)?;
        for row in self.store.devices_of(contact.id).map_err(problem::store)? {
            self.reroute(row.id);
        }
        Ok(Reply::Contact {
            contact: contact.id,
        })
    }

    pub(super) fn verify_contact(
        &mut self,
        name: &str,
        verified: bool,
    ) -> Result<Reply, CommandError> {
        let contact = self.find_contact(name)?;
        self.store
            .set_verified(contact.id, verified)
            .map_err(problem::contact)?;
        if verified {
            self.note_verified(contact.id)?;
        }
        Ok(Reply::Contact {
            contact: contact.id,
        })
    }

    /// The contact of a name or, for programs, of an id.
    pub(super) fn find_contact(&self, name_or_id: &str) -> Result<Contact, CommandError> {
        let by_name = self
            .store
            .find_contact_by_name(name_or_id)
            .map_err(problem::store)?;
        if let Some(contact) = by_name {
            return Ok(contact);
        }
        let Ok(id) = name_or_id.parse() else {
            return Err(problem::unknown_contact());
        };
        let by_id = self.store.contact(id).map_err(problem::store)?;
        let by_id = match by_id {
            Some(device) if device.person != device.id => {
                self.store.contact(device.person).map_err(problem::store)?
            }
            found => found,
        };
        by_id.ok_or_else(problem::unknown_contact)
    }
}
