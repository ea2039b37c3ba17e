use api::{Event, FolderEvent};

/// Notes an event in the log: ids, counts and kinds; no names, codes or paths.
pub(super) fn note(event: &Event) {
    match event {
        Event::Ready => tracing::info!("online"),
        Event::ServerLost { retry_in_s } => {
            tracing::info!(retry_in_s, "the server is out of reach")
        }
        Event::ServerRefused { .. } => tracing::warn!("the server refused this device"),
        Event::Hosting { .. } | Event::HostingFailed { .. } => note_hosting(event),
        Event::SettingProblem(problem) => {
            tracing::warn!(
                blocks = problem.blocks,
                "something in the settings is wrong"
            );
        }
        Event::OfferReceived {
            transfer,
            entries,
            bytes,
            ..
        } => tracing::info!(%transfer, entries, bytes, "offered"),
        Event::OfferAcceptedByRule { transfer, .. } => {
            tracing::info!(%transfer, "accepted by a rule");
        }
        Event::TransferAdded {
            transfer,
            entries,
            bytes,
        } => tracing::info!(%transfer, entries, bytes, "added"),
        Event::TransferPaused { transfer, reason } => {
            tracing::info!(%transfer, ?reason, "paused");
        }
        Event::TransferResumed { transfer } => tracing::info!(%transfer, "resumed"),
        Event::TransferCompleted {
            transfer,
            entries,
            bytes,
            seconds,
            skipped,
            ..
        } => tracing::info!(%transfer, entries, bytes, seconds, skipped, "completed"),
        Event::TransferFailed { transfer, code, .. } => {
            tracing::warn!(%transfer, ?code, "failed");
        }
        Event::PairingFailed { code, .. } => tracing::info!(?code, "a pairing failed"),
        Event::ContactAdded { verified, .. } => tracing::info!(verified, "a contact was added"),
        Event::ContactHere { here, .. } => tracing::info!(here, "a contact"),
        Event::ContactConnected { path, .. } => {
            tracing::info!(connected = path.is_some(), "a contact");
        }
        Event::KeyChanged { .. } => tracing::warn!("a contact showed another key"),
        Event::DeviceAdded { contact, .. } => {
            tracing::info!(ours = contact.is_none(), "a device was added");
        }
        Event::DeviceRevoked { contact, .. } => {
            tracing::info!(ours = contact.is_none(), "a device was revoked");
        }
        Event::ThisDeviceRevoked { .. } => tracing::warn!("this device was revoked"),
        Event::DeviceReady { .. } => tracing::info!("a new device has all it needs"),
        Event::IdentityCopied { .. } => tracing::warn!("this device's identity was copied"),
        Event::ContactCopied { .. } => tracing::warn!("a contact's identity was copied"),
        Event::Folder(event) => note_folder(event),
        Event::ContactMuted { .. } => tracing::info!("a contact is muted"),
        Event::EntrySkipped { .. }
        | Event::PreflightProblem { .. }
        | Event::NameTaken { .. }
        | Event::FilesUnchanged { .. } => note_entries(event),
        Event::TextReceived { transfer, text, .. } => {
            tracing::info!(%transfer, bytes = text.len(), "a text arrived");
        }
        Event::ReceiptReady { transfer } => tracing::info!(%transfer, "signed by both"),
        Event::ReceiptFailed { transfer, .. } => tracing::warn!(%transfer, "there is no receipt"),
        Event::Visible { seconds } => tracing::info!(seconds, "shown to everybody"),
        Event::CodeIssued { .. }
        | Event::NearbyChanged { .. }
        | Event::EntryChecksum { .. }
        | Event::ComparisonWords { .. }
        | Event::TransferQueued { .. }
        | Event::TransferProgress { .. } => {}
    }
}

/// Whether this device introduces others: never under which addresses.
fn note_hosting(event: &Event) {
    if let Event::Hosting { urls } = event {
        tracing::info!(addresses = urls.len(), "hosts");
    } else {
        tracing::warn!("cannot host");
    }
}

/// What is told of folders: never what is in them.
fn note_folder(event: &FolderEvent) {
    match event {
        FolderEvent::Invited { folder, .. } => tracing::info!(%folder, "asked to join a folder"),
        FolderEvent::State { folder, state, .. } => tracing::info!(%folder, ?state, "a folder"),
        FolderEvent::Conflict { folder, .. } => tracing::info!(%folder, "a conflict was kept"),
        FolderEvent::ManyDeletions { folder, count, .. } => {
            tracing::warn!(%folder, count, "many deletions wait for a person");
        }
        FolderEvent::MembersChanged { folder, .. } => {
            tracing::info!(%folder, "the members of a folder changed");
        }
        FolderEvent::Removed { folder, .. } => tracing::warn!(%folder, "removed from a folder"),
        FolderEvent::Note { folder, .. } => tracing::warn!(%folder, "a folder needs a look"),
        FolderEvent::EditOutlived { folder, .. }
        | FolderEvent::ChangeStaysHere { folder, .. }
        | FolderEvent::NotHeld { folder, .. }
        | FolderEvent::TakenBack { folder, .. } => {
            tracing::info!(%folder, "a path of a folder stays as it is");
        }
    }
}

/// What is told of single entries: never which.
fn note_entries(event: &Event) {
    if let Event::EntrySkipped {
        transfer, reason, ..
    } = event
    {
        tracing::info!(%transfer, ?reason, "skipped");
    } else if let Event::PreflightProblem { transfer, .. } = event {
        tracing::info!(%transfer, "a problem was found");
    } else if let Event::NameTaken {
        transfer, outcome, ..
    } = event
    {
        tracing::info!(%transfer, ?outcome, "a name was taken");
    } else if let Event::FilesUnchanged { transfer, files } = event {
        tracing::info!(%transfer, files, "here already");
    }
}
