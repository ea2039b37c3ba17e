use std::process::ExitCode;

use api::{CommandError, ErrorCode, Event};
use model::TransferId;

use crate::exit;

/// Which transfer ended with this event, and how.
pub(crate) fn of_event(event: &Event) -> Option<(TransferId, ExitCode)> {
    if let Event::TransferCompleted {
        transfer, skipped, ..
    } = event
    {
        let code = match skipped {
            0 => ExitCode::SUCCESS,
            _ => ExitCode::from(exit::SKIPPED),
        };
        return Some((*transfer, code));
    }
    if let Event::TransferFailed { transfer, code, .. } = event {
        return Some((*transfer, ExitCode::from(code.exit_code())));
    }
    None
}

/// The error of a process whose place a copy of its home took.
pub(crate) fn identity_copied(event: &Event) -> Option<CommandError> {
    if let Event::ThisDeviceRevoked { message, .. } = event {
        return Some(CommandError::new(ErrorCode::ServerRefused, message.clone()));
    }
    matches!(event, Event::IdentityCopied { replaced: true }).then(|| {
        CommandError::new(
            ErrorCode::IdentityCopied,
            "This process has left the server: a copy of this home took its place. Nothing was lost.",
        )
    })
}

/// The error of an engine whose process went away.
pub(crate) fn owner_gone() -> CommandError {
    CommandError::new(
        ErrorCode::HomeBusy,
        "The process that owns this home ended. Nothing was lost; run the command again.",
    )
}
