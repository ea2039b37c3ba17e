use serde::{Deserialize, Serialize};

/// Every way in which a command or a transfer can fail; faces choose their words by it.
///
/// Closed on purpose: adding one is a change of the contract. [`ErrorCode::exit_code`] is the exit code of
/// the command line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum ErrorCode {
    /// Something that should not happen did.
    Internal,
    /// The command makes no sense as given.
    Usage,
    /// The other person said no.
    Declined,
    /// The code was wrong; it is used up.
    WrongCode,
    /// The code is unknown, used or older than ten minutes.
    ExpiredCode,
    /// Too many wrong codes from this address.
    TooManyAttempts,
    /// The pairing was stopped by a person or went silent.
    PairingStopped,
    /// No contact of that name.
    UnknownContact,
    /// No transfer of that id.
    UnknownTransfer,
    /// The contact is not online.
    ContactOffline,
    /// The signaling server cannot be reached.
    ServerUnreachable,
    /// The signaling server refused this device or this version.
    ServerRefused,
    /// Both are online, but no connection came about.
    NoPath,
    /// There is no direct way, and what may go through relays in a month is used up.
    RelayBudget,
    /// The peer is not the one it should be, or does not keep to the protocol.
    PeerViolation,
    /// Data arrived damaged more often than chance explains.
    Integrity,
    /// No space is left at the receiver.
    DiskFull,
    /// The destination cannot be written.
    DestinationUnwritable,
    /// A source cannot be read, or is gone.
    SourceUnreadable,
    /// A source kept changing while it was sent.
    SourceChanged,
    /// A received name cannot be stored here.
    BadName,
    /// Cancelled by this or the other side.
    Cancelled,
    /// Another process owns this home.
    HomeBusy,
    /// The home cannot be used: permissions, or made by a newer version.
    HomeUnusable,
    /// This device's identity is used by another process too.
    IdentityCopied,
    /// Nothing happened within the time allowed.
    TimedOut,
}

impl ErrorCode {
    /// The exit code of a command that ends with this error; distinct per kind of remedy.
    pub fn exit_code(self) -> u8 {
        match self {
            Self::Internal => 1,
            Self::Usage | Self::UnknownContact | Self::UnknownTransfer => 2,
            Self::Declined => 3,
            Self::WrongCode => 4,
            Self::ExpiredCode | Self::TooManyAttempts | Self::PairingStopped => 5,
            Self::ContactOffline
            | Self::ServerUnreachable
            | Self::ServerRefused
            | Self::NoPath
            | Self::RelayBudget => 6,
            Self::Integrity | Self::PeerViolation => 7,
            Self::DiskFull => 8,
            Self::DestinationUnwritable | Self::BadName => 9,
            Self::SourceUnreadable | Self::SourceChanged => 10,
            Self::Cancelled => 11,
            Self::HomeBusy | Self::HomeUnusable | Self::IdentityCopied => 12,
            Self::TimedOut => 13,
        }
    }
}

/// Why a command failed: the code decides, the message explains (English, for logs and terminals).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[error("{message}")]
pub struct CommandError {
    /// What faces act on.
    pub code: ErrorCode,
    /// Fact, consequence, one action; no secrets.
    pub message: String,
}

impl CommandError {
    /// Makes an error.
    pub fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_snake_case_on_the_wire() {
        let json = serde_json::to_string(&ErrorCode::DiskFull).unwrap();
        assert_eq!(json, "\"disk_full\"");
    }
}
