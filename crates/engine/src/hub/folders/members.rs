use api::{CommandError, FolderRole, Reply};
use store::{Contact, FolderRecord};
use sync_proto::{FolderRoster, FolderRosterError, Role};

use super::Wish;
use crate::hub::Hub;
use crate::{clock, problem};

impl Hub {
    /// Lets people into a folder, or gives them another role.
    pub(super) fn grant(
        &mut self,
        record: &FolderRecord,
        people: &[Contact],
        role: Role,
    ) -> Result<(), CommandError> {
        let mut roster = roster_of(record)?;
        self.grant_in(&mut roster, people, role)?;
        self.publish(record, roster)
    }

    /// Every device of each person belongs.
    pub(super) fn grant_in(
        &self,
        roster: &mut FolderRoster,
        people: &[Contact],
        role: Role,
    ) -> Result<(), CommandError> {
        for person in people {
            for row in self.store.devices_of(person.id).map_err(problem::store)? {
                let name = person.name.clone();
                match roster.grant(&self.identity.secrets, row.keys, name, role) {
                    Ok(()) | Err(FolderRosterError::MemberAlready) => {}
                    Err(error) => return Err(refused(&error)),
                }
            }
        }
        Ok(())
    }

    pub(super) fn grant_role(
        &mut self,
        name: &str,
        members: &[String],
        role: FolderRole,
    ) -> Result<Reply, CommandError> {
        let record = self.find_folder(name)?;
        let people = self.find_recipients(members)?;
        let role = match role {
            FolderRole::Owner => return Err(problem::usage("A folder has one owner.")),
            FolderRole::Admin => Role::Admin,
            FolderRole::Change => Role::Change,
            FolderRole::Read => Role::Read,
        };
        self.grant(&record, &people, role)?;
        Ok(Reply::Done)
    }

    pub(super) fn drop_from_folder(
        &mut self,
        name: &str,
        members: &[String],
    ) -> Result<Reply, CommandError> {
        let record = self.find_folder(name)?;
        let mut roster = roster_of(&record)?;
        let at = clock::milliseconds();
        for person in self.find_recipients(members)? {
            let mut was_one = false;
            for row in self.store.devices_of(person.id).map_err(problem::store)? {
                match roster.remove(&self.identity.secrets, &row.device_id(), at) {
                    Ok(()) => was_one = true,
                    Err(FolderRosterError::NoMember) => {}
                    Err(error) => return Err(refused(&error)),
                }
            }
            if !was_one {
                return Err(problem::usage(format!(
                    "{} does not belong to this folder.",
                    person.name
                )));
            }
        }
        self.publish(&record, roster)?;
        Ok(Reply::Done)
    }

    /// A folder that runs keeps its members itself.
    fn publish(&mut self, record: &FolderRecord, roster: FolderRoster) -> Result<(), CommandError> {
        let bytes = roster.encode();
        self.store
            .set_folder_roster(record.folder, &bytes)
            .map_err(problem::folder)?;
        let live = self.folders.live.get(&record.folder);
        if let Some(handle) = live.and_then(|live| live.handle.as_ref()) {
            handle
                .commands
                .try_send(Wish::Roster(Box::new(roster)))
                .ok();
        }
        self.follow_roster(record.folder, &bytes);
        Ok(())
    }
}

fn roster_of(record: &FolderRecord) -> Result<FolderRoster, CommandError> {
    FolderRoster::decode(&record.roster, record.folder).map_err(|error| refused(&error))
}

fn refused(error: &FolderRosterError) -> CommandError {
    problem::usage(problem::sentence(error))
}
