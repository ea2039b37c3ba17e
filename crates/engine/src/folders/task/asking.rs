//! What people ask of a folder.

use api::{
    CommandError, ConflictChoice, FolderAction, FolderDetail, FolderDirection, FolderMemberView,
    FolderRole, Reply,
};
use sync_proto::{Choice, Direction, FolderInput, FolderPath, Role};
use tokio::sync::oneshot;

use super::Task;
use super::doing::shown;
use crate::folders::disk::DiskJob;
use crate::folders::member::FromTasks;
use crate::problem;

type Answer = oneshot::Sender<Result<Reply, CommandError>>;

impl Task {
    pub(super) fn ask(&mut self, action: FolderAction, reply: Answer) {
        let answer = match action {
            FolderAction::Status => Ok(self.detail()),
            FolderAction::Files { offset, limit } => self.list_files(offset, limit),
            FolderAction::Conflicts => Ok(self.list_conflicts()),
            FolderAction::Compare { copy } => return self.compare(&copy, reply),
            FolderAction::Decide { copy, choice } => self.decide(copy.as_deref(), choice),
            FolderAction::AllowDeletions => self.done(FolderInput::AllowDeletions),
            FolderAction::RefuseDeletions => self.done(FolderInput::RefuseDeletions),
            FolderAction::Revert => self.done(FolderInput::Revert),
            FolderAction::Override => self.done(FolderInput::Override),
            FolderAction::Versions => return self.list_versions(reply),
            FolderAction::Ignore { add, remove } => return self.change_rules(add, remove, reply),
            FolderAction::Restore { version, to } => return self.restore(version, to, reply),
        };
        // Whoever asked may be gone.
        reply.send(answer).ok();
    }

    fn done(&mut self, input: FolderInput) -> Result<Reply, CommandError> {
        self.input(input);
        Ok(Reply::Done)
    }

    fn detail(&self) -> Reply {
        let status = self.machine.status();
        let roster = self.machine.roster();
        let members = roster.seats().filter(|(_, it)| it.role.is_member());
        let members = members.map(|(_, member)| {
            let device = member.keys.device_id();
            let mut told = status.members.iter();
            let is_in_step = told.any(|(it, in_step)| *it == device && *in_step);
            FolderMemberView {
                device_id: device.to_string(),
                name: member.name.clone(),
                role: role_of(member.role),
                this: device == self.known.own,
                connected: self.members.contains_key(&device),
                in_step: is_in_step,
            }
        });
        Reply::FolderDetail(Box::new(FolderDetail {
            folder: self.known.id,
            name: self.known.name.clone(),
            state: self.state(),
            direction: shown_direction(self.settings.direction),
            files: self.machine.index().files(),
            behind: status.behind,
            behind_bytes: status.behind_bytes,
            conflicts: status.conflicts,
            local_changes: status.drifted,
            deletions: status.deletions,
            members: members.collect(),
            notes: self.face.notes.clone(),
        }))
    }

    fn decide(
        &mut self,
        copy: Option<&str>,
        choice: ConflictChoice,
    ) -> Result<Reply, CommandError> {
        let conflicts = self.machine.conflicts();
        let conflicts: Vec<FolderPath> = conflicts.map(|(copy, _)| copy.clone()).collect();
        let named = |it: &&FolderPath| copy.is_none_or(|copy| shown(it) == copy);
        let meant: Vec<&FolderPath> = conflicts.iter().filter(named).collect();
        if meant.is_empty() && copy.is_some() {
            return Err(no_conflict());
        }
        let choice = match choice {
            ConflictChoice::Present => Choice::Present,
            ConflictChoice::Copy => Choice::Copy,
            ConflictChoice::Both => Choice::Both,
        };
        for copy in meant {
            let copy = copy.clone();
            self.input(FolderInput::Decide { copy, choice });
        }
        Ok(Reply::Done)
    }

    fn list_versions(&mut self, reply: Answer) {
        let (listed, answer) = oneshot::channel();
        self.desk.ask(DiskJob::Versions(listed));
        self.tasks.spawn(async move {
            let versions = answer
                .await
                .unwrap_or_else(|_| Err(problem::engine_ended()));
            let versions = versions.map(|versions| Reply::FolderVersions { versions });
            reply.send(versions).ok();
        });
    }

    fn change_rules(&mut self, add: Vec<String>, remove: Vec<String>, reply: Answer) {
        let (changed, answer) = oneshot::channel();
        self.desk.ask(DiskJob::Ignore {
            add,
            remove,
            changed,
        });
        self.tasks.spawn(async move {
            let lines = answer
                .await
                .unwrap_or_else(|_| Err(problem::engine_ended()));
            reply
                .send(lines.map(|lines| Reply::FolderRules { lines }))
                .ok();
        });
    }

    fn restore(&mut self, version: String, to: Option<String>, reply: Answer) {
        let (found, answer) = oneshot::channel();
        self.desk.ask(DiskJob::Version { version, found });
        let restored = self.from_tasks.clone();
        self.tasks.spawn(async move {
            let found = answer
                .await
                .unwrap_or_else(|_| Err(problem::engine_ended()));
            let found = found.and_then(|(path, file)| match to {
                None => Ok((path, file)),
                Some(to) => match FolderPath::parse(&to) {
                    Ok(to) => Ok((to, file)),
                    Err(error) => Err(problem::usage(problem::sentence(&error))),
                },
            });
            match found {
                Ok((path, file)) => {
                    let restore = FromTasks::Restore { path, file, reply };
                    restored.send(restore).await.ok();
                }
                Err(error) => {
                    reply.send(Err(error)).ok();
                }
            }
        });
    }
}

fn shown_direction(direction: Direction) -> FolderDirection {
    match direction {
        Direction::Both => FolderDirection::Both,
        Direction::SendOnly => FolderDirection::SendOnly,
        Direction::ReceiveOnly => FolderDirection::ReceiveOnly,
    }
}

pub(super) fn no_conflict() -> CommandError {
    problem::usage("There is no such conflict: see wherry folders conflicts.")
}

pub(crate) fn role_of(role: Role) -> FolderRole {
    match role {
        Role::Owner => FolderRole::Owner,
        Role::Admin => FolderRole::Admin,
        Role::Change => FolderRole::Change,
        Role::Read | Role::Removed { .. } => FolderRole::Read,
    }
}
