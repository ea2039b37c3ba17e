//! Errors of the rooms, told as fact, consequence and one action under one code.

use api::{CommandError, ErrorCode};
use store::{
    ContactError, GroupError, HomeError, LockError, OpenError, SettingsFileError, StoreError,
    TransferError,
};

use crate::settings::ChangeError;

pub(crate) fn engine_ended() -> CommandError {
    CommandError::new(
        ErrorCode::HomeBusy,
        "The process that owns this home ended. Nothing was lost; run the command again.",
    )
}

pub(crate) fn home(error: HomeError) -> CommandError {
    CommandError::new(ErrorCode::HomeUnusable, sentence(&error))
}

pub(crate) fn lock(error: LockError) -> CommandError {
    let code = match error {
        LockError::HomeBusy { .. } => ErrorCode::HomeBusy,
        LockError::Io { .. } | LockError::Home(_) => ErrorCode::HomeUnusable,
    };
    CommandError::new(code, sentence(&error))
}

pub(crate) fn open(error: OpenError) -> CommandError {
    CommandError::new(ErrorCode::HomeUnusable, sentence(&error))
}

pub(crate) fn store(error: StoreError) -> CommandError {
    let code = match error {
        StoreError::DiskFull => ErrorCode::DiskFull,
        StoreError::Database(_) | StoreError::Damaged { .. } => ErrorCode::Internal,
    };
    CommandError::new(code, sentence(&error))
}

pub(crate) fn contact(error: ContactError) -> CommandError {
    match error {
        ContactError::Unknown => unknown_contact(),
        ContactError::CodeUsed => CommandError::new(
            ErrorCode::ExpiredCode,
            "This code was used before. Ask for a new one.",
        ),
        ContactError::Store(error) => store(error),
    }
}

pub(crate) fn group(error: GroupError) -> CommandError {
    match error {
        GroupError::Unknown => usage("There is no group of that name: see wherry groups list."),
        GroupError::NameTaken => usage("A group or a contact has that name: choose another one."),
        GroupError::TooMany => usage("There are too many groups: remove one first."),
        GroupError::Store(error) => store(error),
    }
}

pub(crate) fn folder(error: store::FolderError) -> CommandError {
    match error {
        store::FolderError::Store(error) => store(error),
        store::FolderError::Unknown
        | store::FolderError::NameTaken
        | store::FolderError::AlreadyKnown
        | store::FolderError::TooMany => usage(sentence(&error)),
    }
}

pub(crate) fn transfer(error: TransferError) -> CommandError {
    match error {
        TransferError::Unknown => unknown_transfer(),
        TransferError::AlreadyKnown | TransferError::Finished => CommandError::new(
            ErrorCode::UnknownTransfer,
            "This transfer has ended already.",
        ),
        TransferError::NoteTooLong => CommandError::new(ErrorCode::Internal, sentence(&error)),
        TransferError::Store(error) => store(error),
    }
}

pub(crate) fn settings_file(error: SettingsFileError) -> CommandError {
    CommandError::new(ErrorCode::HomeUnusable, sentence(&error))
}

pub(crate) fn change(error: ChangeError) -> CommandError {
    usage(sentence(&error))
}

pub(crate) fn moving(error: store::MoveError) -> CommandError {
    match error {
        store::MoveError::Store(error) => store(error),
        store::MoveError::Exists
        | store::MoveError::NotAnIdentity
        | store::MoveError::WrongPassphrase
        | store::MoveError::NotEmpty
        | store::MoveError::Readable
        | store::MoveError::Io(_) => usage(sentence(&error)),
    }
}

pub(crate) fn unknown_contact() -> CommandError {
    CommandError::new(
        ErrorCode::UnknownContact,
        "There is no contact of that name: see wherry contacts list.",
    )
}

pub(crate) fn unknown_transfer() -> CommandError {
    CommandError::new(
        ErrorCode::UnknownTransfer,
        "There is no such transfer: see wherry transfers list.",
    )
}

pub(crate) fn socket(error: std::io::Error) -> CommandError {
    CommandError::new(
        ErrorCode::HomeUnusable,
        format!("The local socket of this home cannot be made: {error}."),
    )
}

pub(crate) fn usage(message: impl Into<String>) -> CommandError {
    CommandError::new(ErrorCode::Usage, message)
}

/// An error as a sentence: a capital and a full stop.
pub(crate) fn sentence(error: &dyn std::error::Error) -> String {
    let text = error.to_string();
    let mut characters = text.chars();
    let Some(first) = characters.next() else {
        return String::new();
    };
    let stop = if text.ends_with(['.', '!', '?']) {
        ""
    } else {
        "."
    };
    format!("{}{}{stop}", first.to_uppercase(), characters.as_str())
}
