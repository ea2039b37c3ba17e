//! Persons with several devices: a further device of ours joins or is revoked, and contacts hear of it.
//!
//! Whoever changes something draws a fresh secret for every two devices that are to know each other, and
//! gives it to both in notices, which are kept until they are taken. What one may say of whom is
//! described in `docs/protocol/devices.md`.

mod learning;
mod notices;
mod roaming;
mod sharing;

use std::collections::BTreeMap;
use std::time::Instant;

use api::{CommandError, DeviceView, ErrorCode, Event, Reply};
use model::{ContactId, DeviceId, PairChain, PairSecret, Roster, TransferId};
use pairing_proto::{DeviceNotice, Paired};
use store::{Contact, DeviceOf, NewDevice};

use super::{ClientId, Hub};
use crate::{clock, problem};

/// What is under way between devices.
#[derive(Debug, Default)]
pub(super) struct Devices {
    /// Notices on their way, and since when.
    posted: BTreeMap<u64, Instant>,
    /// The faces that wait until a new device has all it needs.
    handing_over: BTreeMap<ContactId, ClientId>,
    /// The face that waits until this new device has all it needs.
    joining: Option<ClientId>,
    /// Sends that any device of a person may take.
    roaming: BTreeMap<TransferId, ContactId>,
    /// Another device of this person has revoked this one.
    revoked: bool,
}

impl Hub {
    /// A new device must not bring contacts of its own: whose would they be?
    pub(super) fn check_may_join(&self) -> Result<(), CommandError> {
        let contacts = self.store.contacts().map_err(problem::store)?;
        match contacts.is_empty() {
            true => Ok(()),
            false => Err(problem::usage(
                "This home has contacts already. A new device starts empty: use another --home, or wherry id renew.",
            )),
        }
    }

    /// This device and a new one of the same person, or the other way round, are paired.
    pub(super) fn device_paired(
        &mut self,
        client: ClientId,
        is_new: bool,
        paired: Paired,
    ) -> Result<(), CommandError> {
        let new = NewDevice {
            keys: paired.keys,
            name: paired.name,
            chain: PairChain::start(&paired.secret, clock::today()),
            of: DeviceOf::Us,
            added_at: clock::timestamp(),
        };
        let added = self.store.add_device(new).map_err(problem::contact)?;
        let Some(device) = added else {
            return Err(problem::usage("This device is known already."));
        };
        self.refresh_mailboxes()?;
        if is_new {
            self.hand_over(&device)?;
            self.identity.devices.handing_over.insert(device.id, client);
            self.tell_device_added(None, &device.device_name, &device.device_id());
        } else {
            self.identity.devices.joining = Some(client);
        }
        self.greet(device.id);
        Ok(())
    }

    pub(super) fn list_devices(&self) -> Result<Reply, CommandError> {
        let own = self.identity.secrets.device_id();
        let rows = self.store.own_devices().map_err(problem::store)?;
        let mut devices = vec![DeviceView {
            device_id: own.to_string(),
            name: self.device_name(),
            this: true,
            connected: false,
        }];
        devices.extend(rows.iter().map(|row| self.device_view(row)));
        Ok(Reply::Devices { devices })
    }

    pub(super) fn device_view(&self, row: &Contact) -> DeviceView {
        DeviceView {
            device_id: row.device_id().to_string(),
            name: row.device_name.clone(),
            this: false,
            connected: self.meetings.is_connected(row.id),
        }
    }

    /// Revokes another device of this person: it is told once, everybody else until they know.
    pub(super) fn revoke_device(&mut self, name: &str) -> Result<Reply, CommandError> {
        let rows = self.store.own_devices().map_err(problem::store)?;
        let called = |row: &&Contact| {
            row.name.as_str() == name
                || row.device_name.as_str() == name
                || name.parse::<DeviceId>() == Ok(row.device_id())
        };
        let Some(revoked) = rows.iter().find(called) else {
            return Err(problem::usage(
                "This person has no other device of that name: see wherry id devices.",
            ));
        };
        let mut roster = self.own_roster()?;
        roster
            .revoke(&self.identity.secrets, revoked.device_id())
            .map_err(|error| problem::usage(problem::sentence(&error)))?;
        self.keep_own_roster(&roster)?;
        self.say_once(revoked, &DeviceNotice::Roster(roster_only(&roster)));
        self.forget_own_device(revoked)?;
        self.announce_roster(&roster)?;
        Ok(Reply::Done)
    }

    /// The roster of this person; a device that is alone founds one.
    pub(super) fn own_roster(&self) -> Result<Roster, CommandError> {
        match self.store.own_roster().map_err(problem::store)? {
            Some(bytes) => Roster::decode(&bytes)
                .map_err(|error| CommandError::new(ErrorCode::Internal, problem::sentence(&error))),
            None => Ok(Roster::found(&self.identity.secrets, self.device_name())),
        }
    }

    fn keep_own_roster(&mut self, roster: &Roster) -> Result<(), CommandError> {
        self.store
            .set_own_roster(&roster.encode())
            .map_err(problem::store)
    }

    /// Ends everything with an own device that belongs to this person no more.
    fn forget_own_device(&mut self, device: &Contact) -> Result<(), CommandError> {
        self.cancel_transfers_with(device.id)?;
        self.end_meeting(device.id);
        self.store
            .remove_contact(device.id)
            .map_err(problem::contact)?;
        self.refresh_mailboxes()?;
        self.clients.tell_all(&Event::DeviceRevoked {
            contact: None,
            name: device.name.clone(),
            device_id: device.device_id().to_string(),
        });
        Ok(())
    }

    /// Whether this device still belongs to its person.
    pub(super) fn check_not_revoked(&self) -> Result<(), CommandError> {
        let known = self.store.own_roster().map_err(problem::store)?;
        let own = self.identity.secrets.device_id();
        let revoked = known
            .and_then(|bytes| Roster::decode(&bytes).ok())
            .is_some_and(|roster| roster.has_revoked(&own));
        match revoked {
            true => Err(revoked_here()),
            false => Ok(()),
        }
    }

    fn tell_device_added(
        &mut self,
        contact: Option<&Contact>,
        device: &model::DisplayName,
        id: &DeviceId,
    ) {
        self.clients.tell_all(&Event::DeviceAdded {
            contact: contact.map(|contact| contact.name.clone()),
            name: device.clone(),
            device_id: id.to_string(),
        });
    }
}

/// Why a revoked device does nothing more.
pub(crate) fn revoked_here() -> CommandError {
    CommandError::new(
        ErrorCode::ServerRefused,
        "This device was revoked by another device of yours. Run wherry id renew to make it a new one.",
    )
}

/// A notice that introduces nobody.
fn roster_only(roster: &Roster) -> pairing_proto::RosterNotice {
    pairing_proto::RosterNotice {
        roster: roster.encode(),
        introduced: Vec::new(),
        told: Vec::new(),
    }
}

/// The chain of a secret that a notice brought.
fn chain_of(secret: &PairSecret) -> PairChain {
    PairChain::start(secret, clock::today())
}
