//! What becomes of names that are taken: who decides it, and what faces hear of it.

use api::{CommandError, Event, NameOutcome};
use model::{Existing, Name, RelPath, RuleInForce, TransferId};
use store::Arrival;
use vfs::sink::{ClashOutcome, Committed, Renamed};

use crate::hub::Hub;
use crate::preflight::Found;
use crate::problem;
use crate::settings::table::{EXISTING_NAMES, IMPOSSIBLE_NAMES, NAME_RULES};

impl Hub {
    /// Refuses another choice than the one that a policy holds.
    pub(in crate::hub) fn check_held_existing(
        &self,
        said: Option<Existing>,
    ) -> Result<(), CommandError> {
        let held = self.existing_setting();
        match (said, held) {
            (Some(said), Some(held))
                if said != held && self.settings.is_locked(&EXISTING_NAMES) =>
            {
                Err(problem::usage(format!(
                    "existing-names is set to {held} by your organisation."
                )))
            }
            _ => Ok(()),
        }
    }

    /// What is decided for a transfer that is accepted now.
    pub(in crate::hub) fn arrival(&self, said: Option<Existing>) -> Arrival {
        Arrival {
            existing: said.or(self.existing_setting()).unwrap_or_default(),
            rename: self.settings.text(&IMPOSSIBLE_NAMES) == Some("rename"),
            windows: self.settings.text(&NAME_RULES) == Some("windows"),
            no_programs: false,
        }
    }

    /// What a rule says about taken names, unless a policy stands above it.
    pub(in crate::hub) fn free_existing(&self, rule: &RuleInForce) -> Option<Existing> {
        let is_locked = self.settings.is_locked(&EXISTING_NAMES);
        rule.existing.filter(|_| !is_locked)
    }

    fn existing_setting(&self) -> Option<Existing> {
        self.settings.text(&EXISTING_NAMES)?.parse().ok()
    }

    pub(super) fn tell_found(&mut self, transfer: TransferId, found: Vec<Found>) {
        for Found { path, problem } in found {
            self.clients.tell_all(&Event::PreflightProblem {
                transfer,
                path,
                problem,
            });
        }
    }

    pub(super) fn tell_renamed(&mut self, transfer: TransferId, renamed: Vec<Renamed>) {
        for renamed in renamed {
            self.clients.tell_all(&Event::NameTaken {
                transfer,
                path: renamed.path.to_string(),
                outcome: NameOutcome::Renamed,
                name: RelPath::of_name(renamed.name).to_string(),
            });
        }
    }

    /// Not all is called here as the sender calls it.
    pub(super) fn keep_placed_names(&mut self, transfer: TransferId, committed: &Committed) {
        let names = committed.names.iter().map(|it| it.placed.clone());
        let names: Vec<Name> = names.take(store::PLACED_NAMES + 1).collect();
        if let Err(error) = self.store.set_placed_names(transfer, &names) {
            tracing::warn!(%error, "what a transfer is called here could not be noted");
        }
    }

    pub(super) fn tell_clashes(&mut self, transfer: TransferId, committed: Committed) {
        for clash in committed.clashes {
            let (outcome, name) = match clash.outcome {
                ClashOutcome::KeptBoth(name) => (NameOutcome::KeptBoth, name),
                ClashOutcome::Replaced(name) => (NameOutcome::Replaced, name),
            };
            self.clients.tell_all(&Event::NameTaken {
                transfer,
                path: clash.path.to_string(),
                outcome,
                name: RelPath::of_name(name).to_string(),
            });
        }
        if committed.unchanged > 0 {
            self.clients.tell_all(&Event::FilesUnchanged {
                transfer,
                files: committed.unchanged,
            });
        }
    }
}
