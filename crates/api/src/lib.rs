//! The contract with the faces: what they may ask, what they are told, and every error code.
//!
//! Plain data, no behaviour. The same values travel in memory to a face inside the owner's process, and
//! as one JSON object per line through the local socket to every other process on the same home.

#[cfg(test)]
mod bindings;
mod command;
mod entry;
mod error;
mod event;
mod finding;
mod folder;
mod folder_contents;
mod history;
mod line;
mod link;
mod nearby;
mod offer;
mod receipt;
mod rule;
mod setting;
mod status;
mod view;

pub use command::{
    Command, ConflictChoice, ContactCommand, Destination, FolderAction, FolderCommand,
    GroupCommand, HistoryCommand, IdentityCommand, LinkCommand, NearbyCommand, OfferCommand,
    OnProblem, PairingCommand, Passphrase, Priority, QueueEnd, ReceiptCommand, ReceiveCommand,
    Reply, RuleCommand, SendCommand, SendOptions, SendSources, SentTransfer, SettingCommand,
    TransferCommand, Wishes,
};
pub use entry::{ENTRIES_AT_ONCE, EntryState, EntryView};
pub use error::{CommandError, ErrorCode};
pub use event::{Event, NameOutcome, PauseReason, Problem, SkipReason};
pub use finding::{Finding, FindingCase, Topic, Verdict};
pub use folder::{
    ConflictView, FolderDetail, FolderDirection, FolderEvent, FolderMemberView, FolderNote,
    FolderRole, FolderState, FolderView, VersionView,
};
pub use folder_contents::{
    ConflictSide, ContentView, FolderFileState, FolderFileView, PREVIEW_IMAGE_BYTES,
    PREVIEW_TEXT_BYTES,
};
pub use history::{FiguresView, HistoryView, ItemKind};
pub use line::{Request, Response};
pub use link::{LinkAim, LinkView};
pub use nearby::NearbyView;
pub use offer::OfferView;
pub use receipt::{ContentsView, PartyView, ReceiptView};
pub use rule::{RuleSuspension, RuleView};
pub use setting::{SettingProblem, SettingSource, SettingView};
pub use status::{Comparison, IssuedCode, SendCode, ServerState, StatusView};
pub use view::{
    ContactView, DeviceView, GroupView, IdentityView, PresenceView, RouteView, TransferDirection,
    TransferState, TransferView, TurnView,
};
