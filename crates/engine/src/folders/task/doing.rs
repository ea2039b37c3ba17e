//! Doing what the machine says, and telling people.

use api::{FolderEvent as Told, FolderNote, FolderState};
use model::{FolderId, wire};
use session_proto::CloseReason;
use store::IndexChanges;
use sync_proto::{FolderEvent, FolderInput, FolderOutput, FolderPath};
use tokio::sync::oneshot;
use vfs::failpoint::{self, Point};

use super::Task;
use crate::folders::disk::{DiskJob, DiskReport};
use crate::folders::{FolderReport, FolderTrouble};
use crate::hub::HubMessage;

impl Task {
    /// Does everything the machine wants. What is to be kept is durable before anybody is told anything.
    pub(super) async fn do_outputs(
        &mut self,
        changes: &mut IndexChanges,
    ) -> Result<(), FolderTrouble> {
        let mut others = Vec::new();
        while let Some(output) = self.machine.poll_output() {
            if let FolderOutput::Keep { path, slot } = output {
                let slot = wire::encode(&slot);
                changes.slots.push((path.as_str().to_owned(), slot));
            } else if let FolderOutput::KeepCursor { seat, cursor } = output {
                changes.cursors.push((seat.number(), wire::encode(&cursor)));
            } else if let FolderOutput::KeepRoster(bytes) = output {
                self.keep_roster(bytes).await?;
            } else {
                others.push(output);
            }
        }
        if !changes.is_empty() {
            let changes = std::mem::take(changes);
            let kept = self.books.keep(changes).await;
            kept.map_err(store::FolderIndexError::from)?;
            failpoint::pass(Point::FolderTell);
        }
        let was_something = !others.is_empty();
        for output in others {
            self.do_output(output);
        }
        self.desk.hand_over();
        if was_something {
            self.tell_state();
        }
        Ok(())
    }

    async fn keep_roster(&self, bytes: Vec<u8>) -> Result<(), FolderTrouble> {
        let (kept, answer) = oneshot::channel();
        let report = FolderReport::Roster { bytes, kept };
        let folder = self.known.id;
        self.hub
            .send(HubMessage::Folder { folder, report })
            .await
            .ok();
        match answer.await {
            Ok(true) => Ok(()),
            Ok(false) | Err(_) => {
                Err(std::io::Error::other("its members could not be kept").into())
            }
        }
    }

    fn do_output(&mut self, output: FolderOutput) {
        match output {
            FolderOutput::Send { device, message } => self.say(device, message),
            FolderOutput::Apply(task) => self.desk.ask(DiskJob::Apply(Box::new(task))),
            FolderOutput::Stage { file, recipe, base } => {
                self.desk.ask(DiskJob::Stage { file, recipe, base });
            }
            FolderOutput::StoreChunk {
                file,
                chunk,
                offset,
                data,
            } => self.desk.ask(DiskJob::Store {
                file,
                chunk,
                offset,
                data,
            }),
            FolderOutput::Unstage(file) => self.desk.ask(DiskJob::Unstage(file)),
            FolderOutput::ReadRecipe {
                device,
                file,
                base,
                from,
            } => self.desk.ask(DiskJob::Recipe {
                device,
                file,
                base,
                from,
            }),
            FolderOutput::Serve {
                device,
                token,
                file,
                chunks,
            } => self.desk.ask(DiskJob::Serve {
                device,
                token,
                file,
                chunks,
            }),
            FolderOutput::Rescan(path) => self.desk.ask(DiskJob::Look(path)),
            FolderOutput::Violation { device, kind } => {
                tracing::warn!(%kind, "a member of a folder breaks the protocol");
                if let Some(member) = self.members.get(&device) {
                    member.close(CloseReason::Violation);
                }
                self.report(FolderReport::Violation { device });
            }
            FolderOutput::Event(event) => self.event(event),
            // They were taken out before.
            FolderOutput::Keep { .. }
            | FolderOutput::KeepCursor { .. }
            | FolderOutput::KeepRoster(_) => {}
        }
    }

    /// What the disk tells; an error if the folder cannot go on.
    pub(super) fn disk_report(
        &mut self,
        report: DiskReport,
        changes: &mut IndexChanges,
    ) -> Result<(), FolderTrouble> {
        changes.seen.extend(report.seen);
        changes.recipes.extend(report.recipes);
        if let Some(rules) = report.rules {
            self.settings.rules = rules;
            self.input(FolderInput::Settings(self.settings.clone()));
        }
        for input in report.inputs {
            self.input(input);
        }
        for plan in report.serve {
            if let Some(member) = self.members.get(&plan.device) {
                member.serve(plan);
            }
        }
        if let Some(notes) = report.notes {
            self.note(notes);
        }
        if report.has_looked {
            self.looked();
        }
        report.ended.map_or(Ok(()), Err)
    }

    fn looked(&mut self) {
        if !std::mem::replace(&mut self.face.has_looked, true) {
            self.tell_state();
        }
    }

    /// Tells what was not told before.
    fn note(&mut self, notes: Vec<FolderNote>) {
        let before = std::mem::replace(&mut self.face.notes, notes);
        for note in &self.face.notes {
            if !before.contains(note) {
                self.tell(Told::Note {
                    folder: self.known.id,
                    name: self.known.name.clone(),
                    note: note.clone(),
                });
            }
        }
    }

    fn event(&mut self, event: FolderEvent) {
        let (folder, name) = (self.known.id, self.known.name.clone());
        let shown = |path: &FolderPath| shown(path);
        let told = match &event {
            FolderEvent::ConflictKept { path, copy } => Told::Conflict {
                folder,
                name,
                path: shown(path),
                copy: shown(copy),
            },
            FolderEvent::EditOutlived(path) => Told::EditOutlived {
                folder,
                name,
                path: shown(path),
            },
            FolderEvent::ManyDeletions { count } => Told::ManyDeletions {
                folder,
                name,
                count: *count,
            },
            FolderEvent::ChangeStaysHere(path) => Told::ChangeStaysHere {
                folder,
                name,
                path: shown(path),
            },
            FolderEvent::NotHeld(path) => Told::NotHeld {
                folder,
                name,
                path: shown(path),
            },
            FolderEvent::TakenBack(path) => Told::TakenBack {
                folder,
                name,
                path: shown(path),
            },
            FolderEvent::RosterChanged => Told::MembersChanged { folder, name },
            FolderEvent::Removed => Told::Removed { folder, name },
            FolderEvent::NotWelcome(_) => return,
            FolderEvent::StoodStill => {
                tracing::info!(waits = %self.machine.waits(), "a folder stood still and begins again");
                return;
            }
        };
        self.tell(told);
    }

    /// Tells where the folder stands, if that is another thing than before.
    pub(super) fn tell_state(&mut self) {
        let state = self.state();
        if self.face.told == Some(state) {
            return;
        }
        self.face.told = Some(state);
        self.tell(Told::State {
            folder: self.known.id,
            name: self.known.name.clone(),
            state,
        });
    }

    pub(super) fn state(&self) -> FolderState {
        let roster = self.machine.roster();
        if roster.seat_of(&self.known.own).is_none() {
            FolderState::Removed
        } else if !self.face.has_looked {
            FolderState::Looking
        } else if self.machine.is_calm() {
            FolderState::UpToDate
        } else {
            FolderState::Syncing
        }
    }

    fn tell(&self, event: Told) {
        self.report(FolderReport::Event(event));
    }

    fn report(&self, report: FolderReport) {
        let folder: FolderId = self.known.id;
        // A jammed hub misses news, never files.
        self.hub
            .try_send(HubMessage::Folder { folder, report })
            .ok();
    }
}

/// A path for people.
pub(super) fn shown(path: &FolderPath) -> String {
    model::RelPath::from(path).to_string()
}
