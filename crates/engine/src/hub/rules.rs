//! Receiving rules: what becomes of offers while nobody answers.

use std::path::PathBuf;

use api::{CommandError, Destination, Event, Reply, RuleCommand, RuleSuspension, RuleView, Wishes};
use model::{
    ContactId, Occasion, ReceiveRule, RuleInForce, TransferId, is_program_name, kind_word,
};
use store::{Arrival, Contact, ContactKind};
use transfer_proto::{Summary, TransferKind};

use super::Hub;
use crate::settings::table::{AUTOMATIC_ACCEPTANCE, DESTINATION_FOLDER, NEVER};
use crate::{clock, problem};

impl Hub {
    pub(super) fn rule_command(&mut self, command: RuleCommand) -> Result<Reply, CommandError> {
        match command {
            RuleCommand::List => return self.list_rules(),
            RuleCommand::Set { contact, rule } => {
                self.check_held_existing(rule.existing)?;
                let of = self.ruled(contact.as_deref())?;
                let before = self.store.receive_rule(of).map_err(problem::store)?;
                self.store.set_receive_rule(of, &rule.or(before))
            }
            RuleCommand::Clear { contact } => {
                let of = self.ruled(contact.as_deref())?;
                self.store.set_receive_rule(of, &ReceiveRule::default())
            }
        }
        .map_err(problem::store)?;
        Ok(Reply::Done)
    }

    fn ruled(&self, name: Option<&str>) -> Result<Option<ContactId>, CommandError> {
        let contact = name.map(|name| self.find_contact(name)).transpose()?;
        Ok(contact.map(|contact| contact.id))
    }

    fn list_rules(&self) -> Result<Reply, CommandError> {
        let mut rules = vec![RuleView {
            contact: None,
            name: None,
            rule: self.store.receive_rule(None).map_err(problem::store)?,
            suspended: None,
        }];
        for id in self.store.ruled_contacts().map_err(problem::store)? {
            let contact = self.store.contact(id).map_err(problem::store)?;
            rules.push(RuleView {
                contact: Some(id.to_string()),
                suspended: contact.as_ref().and_then(suspension),
                name: contact.map(|contact| contact.name),
                rule: self.store.receive_rule(Some(id)).map_err(problem::store)?,
            });
        }
        Ok(Reply::Rules { rules })
    }

    /// Whether nothing that contacts send may be accepted without asking.
    pub(super) fn asks_always(&self) -> bool {
        self.settings.text(&AUTOMATIC_ACCEPTANCE) == Some(NEVER)
    }

    /// Accepts an offer if a rule says so. Otherwise, and if anything is in doubt, a person is asked.
    pub(super) fn accepted_by_rule(
        &mut self,
        transfer: TransferId,
        from: &Contact,
        summary: &Summary,
    ) -> bool {
        let Some((folder, rule)) = self.decide(from, summary) else {
            return false;
        };
        let arrival = Arrival {
            no_programs: !rule.executables,
            ..self.arrival(self.free_existing(&rule))
        };
        let destination = Destination::Folder(folder.clone());
        let accepted = self.accept_as(transfer, &destination, Wishes::default(), arrival);
        if let Err(error) = accepted {
            tracing::warn!(message = error.message, "a rule could not accept an offer");
            return false;
        }
        self.clients.tell_all(&Event::OfferAcceptedByRule {
            transfer,
            contact: from.person,
            from: from.name.clone(),
            name: summary.name.clone(),
            entries: summary.entries,
            bytes: summary.bytes,
            folder,
        });
        true
    }

    /// Where an offer goes and under which rule, if a rule accepts it.
    fn decide(&self, from: &Contact, summary: &Summary) -> Option<(PathBuf, RuleInForce)> {
        if suspension(from).is_some() || !is_a_contacts(from) || self.asks_always() {
            return None;
        }
        let everybody = self.store.receive_rule(None).ok()?;
        let own = self.store.receive_rule(Some(from.person)).ok()?;
        let rule = own.or(everybody).in_force();
        // A text is shown and kept nowhere, so somebody should be there.
        let is_files = summary.kind == TransferKind::Files;
        if !is_files || !rule.takes(summary.bytes, summary.stream) {
            return None;
        }
        if !rule.executables && is_program_name(summary.name.as_str()) {
            return None;
        }
        let mut folder = self.rule_destination()?;
        if let Some(pattern) = &rule.into {
            let occasion = Occasion {
                sender: from.name.clone(),
                date: clock::date(),
                kind: kind_word(summary.name.as_str(), summary.entries),
            };
            let names = pattern.names(&occasion);
            folder.extend(names.iter().map(model::Name::as_str));
        }
        Some((folder, rule))
    }

    /// The destination: the one that a policy holds, of whoever receives now, or of the settings.
    ///
    /// Nothing goes by a rule where it would go to standard output, or nobody said where.
    fn rule_destination(&self) -> Option<PathBuf> {
        let held = self.settings.folder(&DESTINATION_FOLDER);
        let held = held.map(std::path::Path::to_owned);
        if self.settings.is_locked(&DESTINATION_FOLDER) {
            return held;
        }
        match self.clients.receiving().map(|it| &it.destination) {
            Some(Destination::Folder(folder)) => Some(folder.clone()),
            Some(Destination::StandardOutput) => None,
            None => held,
        }
    }
}

fn is_a_contacts(device: &Contact) -> bool {
    match device.kind {
        ContactKind::Contact | ContactKind::Device => true,
        ContactKind::Own | ContactKind::CodeSession(_) => false,
    }
}

/// Why nothing of a contact is accepted by a rule, if so.
fn suspension(contact: &Contact) -> Option<RuleSuspension> {
    if contact.blocked {
        return Some(RuleSuspension::Blocked);
    }
    if contact.muted {
        return Some(RuleSuspension::Muted);
    }
    if contact.key_changed {
        return Some(RuleSuspension::KeyChanged);
    }
    (!contact.verified).then_some(RuleSuspension::NotVerified)
}
