use api::{FolderEvent, FolderState};

/// What is said of shared folders, as far as it concerns a person.
pub(super) fn sentence(event: &FolderEvent) -> Option<String> {
    Some(match event {
        FolderEvent::Invited { name, from, .. } => format!(
            "{from} asks you to join the folder {name}: wherry folders accept {name:?} DIR",
            name = name.as_str()
        ),
        FolderEvent::State { name, state, .. } => match state {
            FolderState::UpToDate => format!("{name} is up to date."),
            FolderState::Invited
            | FolderState::Paused
            | FolderState::Looking
            | FolderState::Syncing
            | FolderState::Removed
            | FolderState::Stopped { .. } => return None,
        },
        FolderEvent::Conflict {
            name, path, copy, ..
        } => format!(
            "{name}: {path} was changed in two places; the other is kept as {copy}. Decide with wherry folders conflicts."
        ),
        FolderEvent::EditOutlived { name, path, .. } => {
            format!("{name}: {path} was deleted by somebody and changed here: it stays.")
        }
        FolderEvent::ManyDeletions { name, count, .. } => format!(
            "{name}: {count} files are about to be deleted. Nothing happens before you decide: wherry folders deletions {:?} allow, or refuse.",
            name.as_str()
        ),
        FolderEvent::ChangeStaysHere { name, path, .. } => format!(
            "{name}: you may only read here; your change of {path} stays with you. Undo it with wherry folders revert."
        ),
        FolderEvent::NotHeld { name, path, .. } => {
            format!("{name}: this disk cannot hold {path}.")
        }
        FolderEvent::TakenBack { name, path, .. } => format!(
            "{name}: a change of {path} by somebody who was removed was taken back; it is among the versions."
        ),
        FolderEvent::MembersChanged { name, .. } => format!("{name}: its members changed."),
        FolderEvent::Removed { name, .. } => {
            format!("{name}: you do not belong to this folder any more. Its files stay here.")
        }
        FolderEvent::Note { name, note, .. } => format!("{name}: {note}"),
    })
}
