use api::{CommandError, GroupCommand, GroupView, Reply};
use model::{ContactId, DisplayName};
use store::{Contact, Group};

use super::Hub;
use crate::problem;

impl Hub {
    pub(super) fn group_command(&mut self, command: &GroupCommand) -> Result<Reply, CommandError> {
        match command {
            GroupCommand::List => return self.list_groups(),
            GroupCommand::Create { group, members } => self.create_group(group, members),
            GroupCommand::Rename { group, name } => {
                let name = group_name(name)?;
                self.store
                    .rename_group(group, &name)
                    .map_err(problem::group)
            }
            GroupCommand::Remove { group } => {
                self.store.remove_group(group).map_err(problem::group)
            }
            GroupCommand::Add { group, members } => self.add_members(group, members),
            GroupCommand::Drop { group, members } => self.drop_members(group, members),
        }?;
        Ok(Reply::Done)
    }

    fn list_groups(&self) -> Result<Reply, CommandError> {
        let groups = self.store.groups().map_err(problem::store)?;
        let groups: Result<Vec<GroupView>, CommandError> =
            groups.iter().map(|group| self.group_view(group)).collect();
        Ok(Reply::Groups { groups: groups? })
    }

    fn group_view(&self, group: &Group) -> Result<GroupView, CommandError> {
        let mut members = Vec::new();
        for &member in &group.members {
            let contact = self.store.contact(member).map_err(problem::store)?;
            members.extend(contact.map(|contact| contact.name));
        }
        Ok(GroupView {
            name: group.name.clone(),
            members,
        })
    }

    /// Everybody must be known before anything is made.
    fn create_group(&mut self, group: &str, members: &[String]) -> Result<(), CommandError> {
        let name = group_name(group)?;
        let members = self.find_members(members)?;
        self.store.add_group(&name).map_err(problem::group)?;
        self.put_members(group, &members)
    }

    fn add_members(&mut self, group: &str, members: &[String]) -> Result<(), CommandError> {
        let members = self.find_members(members)?;
        self.put_members(group, &members)
    }

    fn put_members(&mut self, group: &str, members: &[ContactId]) -> Result<(), CommandError> {
        for &member in members {
            self.store
                .add_group_member(group, member)
                .map_err(problem::group)?;
        }
        Ok(())
    }

    fn drop_members(&mut self, group: &str, members: &[String]) -> Result<(), CommandError> {
        for member in self.find_members(members)? {
            self.store
                .remove_group_member(group, member)
                .map_err(problem::group)?;
        }
        Ok(())
    }

    fn find_members(&self, names: &[String]) -> Result<Vec<ContactId>, CommandError> {
        let contacts = names.iter().map(|name| self.find_contact(name));
        contacts.map(|contact| Ok(contact?.id)).collect()
    }

    /// Everybody that names of contacts and groups mean, each once, in that order.
    pub(super) fn find_recipients(&self, names: &[String]) -> Result<Vec<Contact>, CommandError> {
        let mut recipients: Vec<Contact> = Vec::new();
        for name in names {
            let group = self.store.group(name).map_err(problem::store)?;
            let meant = match group {
                Some(group) => self.contacts_of(&group)?,
                None => vec![self.find_contact(name)?],
            };
            for contact in meant {
                if !recipients.iter().any(|known| known.id == contact.id) {
                    recipients.push(contact);
                }
            }
        }
        Ok(recipients)
    }

    fn contacts_of(&self, group: &Group) -> Result<Vec<Contact>, CommandError> {
        let mut contacts = Vec::new();
        for &member in &group.members {
            contacts.extend(self.store.contact(member).map_err(problem::store)?);
        }
        if contacts.is_empty() {
            return Err(problem::usage(format!("Nobody is in {}.", group.name)));
        }
        Ok(contacts)
    }
}

fn group_name(text: &str) -> Result<DisplayName, CommandError> {
    let name = DisplayName::new(text);
    match name.as_str().is_empty() {
        true => Err(problem::usage("A group needs a name.")),
        false => Ok(name),
    }
}
