use api::{CommandError, Event, FolderRole, FolderState, FolderView, Reply};
use model::{ContactId, DisplayName, FolderId, SessionId};
use session_proto::CloseReason;
use store::{FolderDirection, FolderInvitation, FolderRecord};
use sync_proto::{AddressedToFolder, FolderMessage, FolderRoster, Role};

use super::{names, role};
use crate::folders::FromMember;
use crate::hub::Hub;
use crate::session::SessionCommand;
use crate::{clock, problem};

impl Hub {
    /// A message for a folder that does not run here.
    pub(in crate::hub) fn unrouted_folder(
        &mut self,
        contact: ContactId,
        message: AddressedToFolder,
    ) {
        let Some(device) = self.device_in_folders(contact) else {
            return;
        };
        let folder = message.folder;
        let live = self.folders.live.get(&folder);
        let session = self.meetings.session(contact);
        if let Some(handle) = live.and_then(|live| live.handle.as_ref())
            && let Some(session) = session
        {
            // It came before the session knew of the folder, which knows of the session by now.
            let from = FromMember {
                session: session.session,
                device,
                message: message.message,
            };
            if handle.messages.try_send(from).is_err() {
                self.drop_session(contact, CloseReason::Idle);
            }
            return;
        }
        match message.message {
            FolderMessage::Invite { name, roster } => self.invited(contact, folder, name, roster),
            hello @ FolderMessage::Hello(_) => self.heard_early(contact, folder, hello),
            FolderMessage::Roster(_)
            | FolderMessage::Unknown
            | FolderMessage::IndexWanted { .. }
            | FolderMessage::IndexTold(_)
            | FolderMessage::RecipeWanted { .. }
            | FolderMessage::RecipeTold { .. }
            | FolderMessage::ChunksWanted { .. }
            | FolderMessage::ChunksMissing { .. }
            | FolderMessage::Holding { .. } => {}
        }
    }

    /// It is listened to once the folder runs; if it never will, the contact is told.
    fn heard_early(&mut self, contact: ContactId, folder: FolderId, hello: FolderMessage) {
        let Some(session) = self.meetings.session(contact).cloned() else {
            return;
        };
        let is_known = self.store.folder(folder).ok().flatten().is_some();
        let invitations = self.store.folder_invitations().unwrap_or_default();
        if is_known || invitations.iter().any(|it| it.folder == folder) {
            let said: (SessionId, FolderMessage) = (session.session, hello);
            self.folders.early.insert((folder, contact), said);
            return;
        }
        let message = FolderMessage::Unknown;
        session.try_command(SessionCommand::SendFolder(AddressedToFolder {
            folder,
            message,
        }));
    }

    fn invited(
        &mut self,
        contact: ContactId,
        folder: FolderId,
        name: DisplayName,
        roster: Vec<u8>,
    ) {
        let Ok(Some(from)) = self.store.contact(contact) else {
            return;
        };
        let is_known = self.store.folder(folder).ok().flatten().is_some();
        let Ok(list) = FolderRoster::decode(&roster, folder) else {
            tracing::warn!("an invitation to a folder is not signed as it should be");
            return;
        };
        let inviting = list.seat_of(&from.device_id());
        let inviting = inviting.and_then(|seat| list.member(seat));
        let may = inviting.is_some_and(|it| matches!(it.role, Role::Owner | Role::Admin));
        let own = self.identity.secrets.device_id();
        if is_known || !may || list.seat_of(&own).is_none() {
            return;
        }
        let invitation = FolderInvitation {
            folder,
            contact: from.person,
            name: name.clone(),
            roster,
            invited: clock::timestamp(),
        };
        match self.store.add_folder_invitation(&invitation) {
            Ok(true) => self
                .clients
                .tell_all(&Event::Folder(api::FolderEvent::Invited {
                    folder,
                    name,
                    from: from.name,
                })),
            Ok(false) => {}
            Err(error) => tracing::warn!(%error, "an invitation could not be kept"),
        }
    }

    pub(super) fn invitation_views(&self) -> Result<Vec<FolderView>, CommandError> {
        let own = self.identity.secrets.device_id();
        let mut views = Vec::new();
        for invitation in self.store.folder_invitations().map_err(problem::store)? {
            let from = self.store.contact(invitation.contact);
            let roster = FolderRoster::decode(&invitation.roster, invitation.folder);
            views.push(FolderView {
                folder: invitation.folder,
                name: invitation.name,
                place: None,
                state: FolderState::Invited,
                members: roster
                    .as_ref()
                    .map_or_else(|_| Vec::new(), |it| names(it, &own)),
                role: roster.map_or(FolderRole::Read, |it| role(&it, &own)),
                from: from.map_err(problem::store)?.map(|it| it.name),
            });
        }
        Ok(views)
    }

    fn find_invitation(&self, name_or_id: &str) -> Result<FolderInvitation, CommandError> {
        let invitations = self.store.folder_invitations().map_err(problem::store)?;
        let wanted = name_or_id.to_lowercase();
        let mut invitations = invitations.into_iter().rev();
        invitations
            .find(|it| it.name.as_str().to_lowercase() == wanted || it.folder.to_string() == wanted)
            .ok_or_else(|| {
                problem::usage(
                    "Nobody asks to join a folder of that name: see wherry folders list.",
                )
            })
    }

    pub(super) fn join_folder(
        &mut self,
        name: &str,
        place: std::path::PathBuf,
    ) -> Result<Reply, CommandError> {
        let invitation = self.find_invitation(name)?;
        let record = FolderRecord {
            folder: invitation.folder,
            name: self.free_folder_name(invitation.name.as_str())?,
            place,
            roster: invitation.roster,
            direction: FolderDirection::Both,
            paused: false,
            version_time: None,
        };
        self.begin_folder(record, &[])
    }

    pub(super) fn decline_folder(&mut self, name: &str) -> Result<Reply, CommandError> {
        let invitation = self.find_invitation(name)?;
        self.store
            .remove_folder_invitation(invitation.folder)
            .map_err(problem::store)?;
        Ok(Reply::Done)
    }
}
