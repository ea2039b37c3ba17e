//! The contract with the faces: what they may ask, what they are told, and every error code.
//!
//! Plain data, no behaviour. The same values travel in memory to a face inside the owner's process, and
//! as one JSON object per line through the local socket to every other process on the same home.

mod command;
mod error;
mod event;
mod line;
mod setting;
mod view;

pub use command::{
    Command, ContactCommand, Destination, GroupCommand, IdentityCommand, PairingCommand, Priority,
    QueueEnd, ReceiveCommand, Reply, SendCommand, SendOptions, SendSources, SentTransfer,
    SettingCommand, TransferCommand,
};
pub use error::{CommandError, ErrorCode};
pub use event::{Event, PauseReason, SkipReason};
pub use line::{Request, Response};
pub use setting::{SettingProblem, SettingSource, SettingView};
pub use view::{
    ContactView, GroupView, IdentityView, TransferDirection, TransferState, TransferView, TurnView,
};
