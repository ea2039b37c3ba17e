//! What people are told of a pairing that did not happen.

use api::{CommandError, ErrorCode};
use signaling_proto::message::CodeRefusal;

pub(super) fn refusal_words(refusal: CodeRefusal) -> CommandError {
    match refusal {
        CodeRefusal::UnknownCode => expired_code(),
        CodeRefusal::TooManyAttempts { retry_after_s } => CommandError::new(
            ErrorCode::TooManyAttempts,
            format!(
                "Too many wrong codes came from this address. Try again in {} minutes.",
                u64::from(retry_after_s).div_ceil(60)
            ),
        ),
        CodeRefusal::ServerBusy | CodeRefusal::NotConnected => CommandError::new(
            ErrorCode::ServerUnreachable,
            "The server is busy. Try again in a minute.",
        ),
    }
}

pub(super) fn wrong_code() -> CommandError {
    CommandError::new(
        ErrorCode::WrongCode,
        "That code does not match. For safety it is used up: ask for a new one.",
    )
}

pub(super) fn expired_code() -> CommandError {
    CommandError::new(
        ErrorCode::ExpiredCode,
        "This code is no longer valid: it was used, or is older than ten minutes. Ask for a new one.",
    )
}

pub(super) fn stopped() -> CommandError {
    CommandError::new(
        ErrorCode::PairingStopped,
        "The other side stopped. Nothing was shared; start again with a new code.",
    )
}
