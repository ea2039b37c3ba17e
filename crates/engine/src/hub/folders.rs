//! Shared folders: which there are, who belongs to them, and which run.

mod inviting;
mod members;
mod sharing;

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use api::{CommandError, Event, FolderAction, FolderCommand, FolderState, FolderView, Reply};
use model::limits::VERSION_TIME;
use model::{ContactId, DeviceId, DisplayName, FolderId, SessionId};
use session_proto::CloseReason;
use store::{Contact, ContactKind, FolderIndex, FolderRecord};
use sync_proto::{FolderMessage, FolderRoster, Role};
use tokio::sync::oneshot;
use vfs::shared_folder::SharedFolder;

use super::Hub;
use crate::folders::{
    self, FolderCommand as Wish, FolderHandle, FolderReport, FolderStart, FolderTrouble, FromMember,
};
use crate::problem;
use crate::session::{SessionCommand, SessionHandle};

/// The folders of this device that run, or should.
#[derive(Debug, Default)]
pub(super) struct Folders {
    live: BTreeMap<FolderId, Live>,
    /// What was said of folders that do not run, until they do.
    early: BTreeMap<(FolderId, ContactId), (SessionId, FolderMessage)>,
    /// They run from the start of this process on.
    is_on: bool,
}

#[derive(Debug)]
struct Live {
    /// `None` while it does not run.
    handle: Option<FolderHandle>,
    /// The other devices that belong to it.
    members: BTreeSet<DeviceId>,
    state: FolderState,
    trouble: Option<CommandError>,
    retry_at: Option<Instant>,
    /// It is forgotten when it has ended.
    leaves: bool,
}

type Answer = oneshot::Sender<Result<Reply, CommandError>>;

impl Folders {
    pub(super) fn deadline(&self) -> Option<Instant> {
        self.live.values().filter_map(|live| live.retry_at).min()
    }
}

impl Hub {
    pub(super) fn folder_command(&mut self, command: FolderCommand, reply: Answer) {
        let answer = match command {
            FolderCommand::Inside { folder, wish } => return self.ask_folder(&folder, wish, reply),
            FolderCommand::List => self.list_folders(),
            FolderCommand::Share {
                place,
                name,
                with,
                read_only,
                ignore,
            } => {
                let role = if read_only { Role::Read } else { Role::Change };
                self.share(place, name.as_deref(), (&with, role), &ignore)
            }
            FolderCommand::Accept { folder, place } => self.join_folder(&folder, place),
            FolderCommand::Direct { folder, direction } => self.direct_folder(&folder, direction),
            FolderCommand::Decline { folder } => self.decline_folder(&folder),
            FolderCommand::Pause { folder } => self.pause_folder(&folder, true),
            FolderCommand::Resume { folder } => self.pause_folder(&folder, false),
            FolderCommand::Remove { folder } => self.leave_folder(&folder),
            FolderCommand::Grant {
                folder,
                members,
                role,
            } => self.grant_role(&folder, &members, role),
            FolderCommand::Drop { folder, members } => self.drop_from_folder(&folder, &members),
        };
        // Whoever asked may be gone.
        reply.send(answer).ok();
    }

    /// From now on folders run.
    pub(super) fn start_folders(&mut self) {
        if std::mem::replace(&mut self.folders.is_on, true) {
            return;
        }
        let folders = self.store.folders().unwrap_or_default();
        for record in folders.iter().filter(|record| !record.paused) {
            self.start_folder(record, false);
        }
    }

    fn start_folder(&mut self, record: &FolderRecord, is_new: bool) {
        let running = self.folders.live.get(&record.folder);
        if running.is_some_and(|live| live.handle.is_some()) {
            return;
        }
        let Ok(roster) = FolderRoster::decode(&record.roster, record.folder) else {
            tracing::error!("the members of a folder cannot be read");
            return;
        };
        let own = self.identity.secrets.device_id();
        let (handle, commands, messages) = folders::handle(&self.ties.shutdown);
        let live = Live {
            handle: Some(handle.clone()),
            members: others(&roster, &own),
            state: FolderState::Looking,
            trouble: None,
            retry_at: None,
            leaves: false,
        };
        self.folders.live.insert(record.folder, live);
        let start = FolderStart {
            home: self.home.clone(),
            folder: record.folder,
            place: record.place.clone(),
            is_new,
            own,
            name: record.name.clone(),
            roster,
            direction: folders::direction_of(record.direction),
            version_time: record.version_time.unwrap_or(VERSION_TIME),
            hub: self.ties.hub.clone(),
            shutdown: handle.stop.clone(),
        };
        let work = folders::run(start, commands, messages);
        self.tasks.spawn(Box::pin(work));
        for (contact, session) in self.meetings.sessions() {
            self.folder_meets(record.folder, &handle, contact, &session);
        }
        self.meet_members(record.folder);
    }

    /// A proven session stands: every folder hears of it.
    pub(super) fn folders_meet(&mut self, contact: ContactId, session: &SessionHandle) {
        let early = |(_, of): &(FolderId, ContactId), (it, _): &mut (SessionId, FolderMessage)| {
            *of != contact || *it == session.session
        };
        self.folders.early.retain(early);
        let live = self.folders.live.iter();
        let running: Vec<(FolderId, FolderHandle)> = live
            .filter_map(|(folder, live)| Some((*folder, live.handle.clone()?)))
            .collect();
        for (folder, handle) in running {
            self.folder_meets(folder, &handle, contact, session);
        }
    }

    fn folder_meets(
        &mut self,
        folder: FolderId,
        handle: &FolderHandle,
        contact: ContactId,
        session: &SessionHandle,
    ) {
        let Some(device) = self.device_in_folders(contact) else {
            return;
        };
        let up = Wish::SessionUp {
            device,
            session: session.clone(),
        };
        // The folder hears of the session before the session delivers to it.
        handle.commands.try_send(up).ok();
        session.try_command(SessionCommand::AttachFolder {
            folder,
            inbox: handle.messages.clone(),
        });
        let early = self.folders.early.remove(&(folder, contact));
        if let Some((_, message)) = early.filter(|(it, _)| *it == session.session) {
            let from = FromMember {
                session: session.session,
                device,
                message,
            };
            handle.messages.try_send(from).ok();
        }
    }

    /// The device behind a contact, if folders may be shared with it.
    fn device_in_folders(&self, contact: ContactId) -> Option<DeviceId> {
        let contact = self.store.contact(contact).ok()??;
        let may = match contact.kind {
            ContactKind::Contact | ContactKind::Device | ContactKind::Own => !contact.blocked,
            ContactKind::CodeSession(_) => false,
        };
        may.then(|| contact.device_id())
    }

    /// Whether a session with the contact is wanted for a folder.
    pub(super) fn shares_folder(&self, contact: ContactId) -> bool {
        let mut live = self.folders.live.values().filter(|it| it.handle.is_some());
        if self.folders.live.is_empty() {
            return false;
        }
        let Some(device) = self.device_in_folders(contact) else {
            return false;
        };
        live.any(|live| live.members.contains(&device))
    }

    /// Offers a session to everybody in a folder.
    fn meet_members(&mut self, folder: FolderId) {
        let Some(live) = self.folders.live.get(&folder) else {
            return;
        };
        let contacts = self.store.contacts().unwrap_or_default();
        let meant = |it: &&Contact| live.members.contains(&it.device_id()) && !it.blocked;
        let meant: Vec<ContactId> = contacts.iter().filter(meant).map(|it| it.id).collect();
        for contact in meant {
            self.greet(contact);
        }
    }

    pub(super) fn folder_report(&mut self, folder: FolderId, report: FolderReport) {
        match report {
            FolderReport::Roster { bytes, kept } => {
                let stored = self.store.set_folder_roster(folder, &bytes);
                if let Err(error) = &stored {
                    tracing::error!(%error, "the members of a folder could not be kept");
                }
                kept.send(stored.is_ok()).ok();
                self.follow_roster(folder, &bytes);
            }
            FolderReport::Event(event) => {
                if let api::FolderEvent::State { state, .. } = event
                    && let Some(live) = self.folders.live.get_mut(&folder)
                {
                    live.state = state;
                }
                self.clients.tell_all(&Event::Folder(event));
            }
            FolderReport::Violation { device } => {
                let contacts = self.store.contacts().unwrap_or_default();
                if let Some(contact) = contacts.iter().find(|it| it.device_id() == device) {
                    self.drop_session(contact.id, CloseReason::Violation);
                }
            }
            FolderReport::Ended { trouble } => self.folder_ended(folder, trouble),
        }
    }

    fn follow_roster(&mut self, folder: FolderId, bytes: &[u8]) {
        let own = self.identity.secrets.device_id();
        if let Some(live) = self.folders.live.get_mut(&folder)
            && let Ok(roster) = FolderRoster::decode(bytes, folder)
        {
            live.members = others(&roster, &own);
            self.meet_members(folder);
        }
    }

    fn folder_ended(&mut self, folder: FolderId, trouble: Option<FolderTrouble>) {
        let Some(live) = self.folders.live.get_mut(&folder) else {
            return;
        };
        live.handle = None;
        if live.leaves {
            self.folders.live.remove(&folder);
            self.forget_folder(folder);
            return;
        }
        let Some(trouble) = trouble else {
            self.folders.live.remove(&folder);
            let record = self.store.folder(folder).ok().flatten();
            // It may have been resumed before it had ended.
            if let Some(record) =
                record.filter(|it| !it.paused && !self.ties.shutdown.is_cancelled())
            {
                self.start_folder(&record, false);
            }
            return;
        };
        tracing::warn!(%trouble, "a folder does not go on");
        let code = trouble.code();
        let state = FolderState::Stopped { code };
        let error = CommandError::new(code, problem::sentence(&trouble));
        live.state = state;
        live.trouble = Some(error.clone());
        live.retry_at = Some(Instant::now() + RETRY_PAUSE);
        let name = self.folder_name(folder);
        let mut tell = |event| self.clients.tell_all(&Event::Folder(event));
        tell(api::FolderEvent::Note {
            folder,
            name: name.clone(),
            note: api::FolderNote::Stopped {
                reason: error.message,
            },
        });
        tell(api::FolderEvent::State {
            folder,
            name,
            state,
        });
    }

    pub(super) fn folders_timeout(&mut self) {
        let now = Instant::now();
        let live = self.folders.live.iter_mut();
        let due = live
            .filter_map(|(folder, live)| live.retry_at.take_if(|at| *at <= now).map(|_| *folder));
        for folder in due.collect::<Vec<_>>() {
            if let Ok(Some(record)) = self.store.folder(folder) {
                self.start_folder(&record, false);
            }
        }
    }

    fn folder_name(&self, folder: FolderId) -> DisplayName {
        let record = self.store.folder(folder).ok().flatten();
        record.map_or_else(|| DisplayName::new(""), |record| record.name)
    }

    fn ask_folder(&mut self, name: &str, action: FolderAction, reply: Answer) {
        let record = match self.find_folder(name) {
            Ok(record) => record,
            Err(error) => {
                reply.send(Err(error)).ok();
                return;
            }
        };
        let trouble = self.folders.live.get(&record.folder);
        if let Some(trouble) = trouble.and_then(|live| live.trouble.clone()) {
            reply.send(Err(trouble)).ok();
            return;
        }
        if record.paused {
            let paused = "This folder is paused: see wherry folders pause --undo.";
            reply.send(Err(problem::usage(paused))).ok();
            return;
        }
        self.start_folder(&record, false);
        let live = self.folders.live.get(&record.folder);
        let handle = live.and_then(|live| live.handle.clone());
        if let Some(handle) = handle {
            // An answer that never comes says that the folder has ended.
            handle.commands.try_send(Wish::Ask { action, reply }).ok();
        }
    }

    /// The folder of a name or, for programs, of an id.
    fn find_folder(&self, name_or_id: &str) -> Result<FolderRecord, CommandError> {
        let folders = self.store.folders().map_err(problem::store)?;
        let wanted = name_or_id.to_lowercase();
        let mut folders = folders.into_iter();
        folders
            .find(|it| {
                it.name.as_str().to_lowercase() == wanted
                    || it.folder.to_string() == wanted
                    || it.place == std::path::Path::new(name_or_id)
            })
            .ok_or_else(|| {
                problem::usage("There is no folder of that name: see wherry folders list.")
            })
    }

    fn list_folders(&self) -> Result<Reply, CommandError> {
        let own = self.identity.secrets.device_id();
        let folders = self.store.folders().map_err(problem::store)?;
        let mut views = Vec::new();
        for record in folders {
            let roster = FolderRoster::decode(&record.roster, record.folder);
            let live = self.folders.live.get(&record.folder);
            let state = match live {
                _ if record.paused => FolderState::Paused,
                Some(live) => live.state,
                None => FolderState::Looking,
            };
            views.push(FolderView {
                folder: record.folder,
                name: record.name,
                place: Some(record.place),
                state,
                members: roster
                    .as_ref()
                    .map_or_else(|_| Vec::new(), |it| names(it, &own)),
                role: roster.map_or(api::FolderRole::Read, |it| role(&it, &own)),
                from: None,
            });
        }
        views.extend(self.invitation_views()?);
        Ok(Reply::Folders { folders: views })
    }

    fn pause_folder(&mut self, name: &str, paused: bool) -> Result<Reply, CommandError> {
        let record = self.find_folder(name)?;
        self.store
            .set_folder_paused(record.folder, paused)
            .map_err(problem::folder)?;
        if !paused {
            self.start_folder(&record, false);
        } else if let Some(live) = self.folders.live.get_mut(&record.folder) {
            match &live.handle {
                Some(handle) => handle.stop.cancel(),
                None => drop(self.folders.live.remove(&record.folder)),
            }
        }
        Ok(Reply::Done)
    }

    fn direct_folder(
        &mut self,
        name: &str,
        direction: api::FolderDirection,
    ) -> Result<Reply, CommandError> {
        let record = self.find_folder(name)?;
        let direction = folders::kept_direction(direction);
        if direction == record.direction {
            return Ok(Reply::Done);
        }
        self.store
            .set_folder_direction(record.folder, direction)
            .map_err(problem::folder)?;
        let live = self.folders.live.get(&record.folder);
        if let Some(handle) = live.and_then(|live| live.handle.as_ref()) {
            let wish = Wish::Direct(folders::direction_of(direction));
            // One that is jammed knows when it begins again.
            handle.commands.try_send(wish).ok();
        }
        Ok(Reply::Done)
    }

    /// Its files and versions stay; what it was is forgotten.
    fn leave_folder(&mut self, name: &str) -> Result<Reply, CommandError> {
        let record = self.find_folder(name)?;
        match self.folders.live.get_mut(&record.folder) {
            Some(Live {
                handle: Some(handle),
                leaves,
                ..
            }) => {
                *leaves = true;
                handle.stop.cancel();
            }
            Some(_) | None => {
                self.folders.live.remove(&record.folder);
                self.forget_folder(record.folder);
            }
        }
        Ok(Reply::Done)
    }

    fn forget_folder(&mut self, folder: FolderId) {
        let Ok(Some(record)) = self.store.folder(folder) else {
            return;
        };
        if let Err(error) = self.store.remove_folder(folder) {
            tracing::error!(%error, "a folder could not be forgotten");
            return;
        }
        let home = self.home.clone();
        self.tasks.spawn_blocking(move || {
            let left = SharedFolder::open(&record.place, folder).map(SharedFolder::leave);
            if let Ok(Err(error)) = left {
                tracing::warn!(%error, "a folder could not be left");
            }
            if let Err(error) = FolderIndex::remove(&home, folder) {
                tracing::warn!(%error, "the index of a folder could not be removed");
            }
        });
    }
}

/// The other devices that belong to a folder.
fn others(roster: &FolderRoster, own: &DeviceId) -> BTreeSet<DeviceId> {
    if roster.seat_of(own).is_none() {
        return BTreeSet::new();
    }
    let members = roster.seats().filter(|(_, it)| it.role.is_member());
    let devices = members.map(|(_, it)| it.keys.device_id());
    devices.filter(|it| it != own).collect()
}

fn names(roster: &FolderRoster, own: &DeviceId) -> Vec<DisplayName> {
    let members = roster.seats().filter(|(_, it)| it.role.is_member());
    let members = members.filter(|(_, it)| it.keys.device_id() != *own);
    members.map(|(_, it)| it.name.clone()).collect()
}

fn role(roster: &FolderRoster, own: &DeviceId) -> api::FolderRole {
    let seat = roster.seat_of(own);
    let member = seat.and_then(|seat| roster.member(seat));
    member.map_or(api::FolderRole::Read, |it| folders::role_of(it.role))
}

/// A folder that does not go on is tried again after this.
const RETRY_PAUSE: Duration = Duration::from_secs(20);
