//! Shared folders at run time: one task and two threads for each.
//!
//! The *task* owns the machine of `sync-proto` and talks to members through their sessions; the *disk* thread looks at
//! files, hashes and changes them; the *books* thread keeps the index. What the machine says is done in its order, and what it
//! wants kept is durable before anybody is told.

mod books;
mod disk;
mod member;
mod rules;
mod task;

use std::path::PathBuf;
use std::time::Duration;

use api::{CommandError, ErrorCode, FolderAction, Reply};
use model::{DeviceId, FolderId, SessionId};
use store::{FolderDirection, FolderIndexError, Home};
use sync_proto::{Direction, FolderMessage, FolderRoster};
use tokio::sync::{mpsc, oneshot};
use tokio_util::sync::CancellationToken;

use crate::hub::HubHandle;
use crate::session::SessionHandle;
pub(crate) use rules::add_rules;
pub(crate) use task::{role_of, run};

/// What a folder's task begins with.
pub(crate) struct FolderStart {
    pub(crate) home: Home,
    pub(crate) folder: FolderId,
    pub(crate) place: PathBuf,
    /// Whether the folder is shared for the first time here.
    pub(crate) is_new: bool,
    pub(crate) own: DeviceId,
    pub(crate) name: model::DisplayName,
    pub(crate) roster: FolderRoster,
    pub(crate) direction: Direction,
    pub(crate) version_time: Duration,
    pub(crate) hub: HubHandle,
    pub(crate) shutdown: CancellationToken,
}

/// How the hub and sessions reach a folder.
#[derive(Debug, Clone)]
pub(crate) struct FolderHandle {
    pub(crate) commands: mpsc::Sender<FolderCommand>,
    pub(crate) messages: mpsc::Sender<FromMember>,
    pub(crate) stop: CancellationToken,
}

/// What sessions deliver.
#[derive(Debug)]
pub(crate) struct FromMember {
    pub(crate) session: SessionId,
    pub(crate) device: DeviceId,
    pub(crate) message: FolderMessage,
}

/// What the hub tells a folder.
#[derive(Debug)]
pub(crate) enum FolderCommand {
    /// A proven session with this device stands.
    SessionUp {
        device: DeviceId,
        session: SessionHandle,
    },
    /// The members changed.
    Roster(Box<FolderRoster>),
    /// Changes go another way from now on.
    Direct(Direction),
    /// A person wants something.
    Ask {
        action: FolderAction,
        reply: oneshot::Sender<Result<Reply, CommandError>>,
    },
}

/// What a folder tells the hub.
#[derive(Debug)]
pub(crate) enum FolderReport {
    /// Keep who belongs to it.
    Roster {
        bytes: Vec<u8>,
        kept: oneshot::Sender<bool>,
    },
    /// Something that faces may want to know.
    Event(api::FolderEvent),
    /// A member broke the protocol.
    Violation { device: DeviceId },
    /// It runs no more: why, unless it was stopped.
    Ended { trouble: Option<FolderTrouble> },
}

/// Why a folder does not go on.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FolderTrouble {
    /// Its files cannot be used.
    #[error(transparent)]
    Disk(#[from] vfs::shared_folder::SharedFolderError),
    /// Its index cannot be used.
    #[error(transparent)]
    Index(#[from] FolderIndexError),
    /// It went away while it was shared.
    #[error(
        "the folder is gone: nothing of it is taken for deleted; it goes on when the folder is back"
    )]
    Gone,
    /// It cannot be read or written.
    #[error("the folder cannot be used: {0}")]
    Io(#[from] std::io::Error),
}

impl FolderTrouble {
    pub(crate) fn code(&self) -> ErrorCode {
        match self {
            Self::Disk(vfs::shared_folder::SharedFolderError::Taken { .. }) => ErrorCode::Usage,
            Self::Disk(_) | Self::Gone | Self::Io(_) => ErrorCode::DestinationUnwritable,
            Self::Index(FolderIndexError::Store(store::StoreError::DiskFull)) => {
                ErrorCode::DiskFull
            }
            Self::Index(_) => ErrorCode::HomeUnusable,
        }
    }
}

pub(crate) fn direction_of(direction: FolderDirection) -> Direction {
    match direction {
        FolderDirection::Both => Direction::Both,
        FolderDirection::SendOnly => Direction::SendOnly,
        FolderDirection::ReceiveOnly => Direction::ReceiveOnly,
    }
}

pub(crate) fn kept_direction(direction: api::FolderDirection) -> FolderDirection {
    match direction {
        api::FolderDirection::Both => FolderDirection::Both,
        api::FolderDirection::SendOnly => FolderDirection::SendOnly,
        api::FolderDirection::ReceiveOnly => FolderDirection::ReceiveOnly,
    }
}

/// Makes the handle of a folder, and what its task listens to.
pub(crate) fn handle(
    shutdown: &CancellationToken,
) -> (
    FolderHandle,
    mpsc::Receiver<FolderCommand>,
    mpsc::Receiver<FromMember>,
) {
    let (commands, from_hub) = mpsc::channel(COMMANDS);
    let (messages, from_members) = mpsc::channel(MESSAGES);
    let handle = FolderHandle {
        commands,
        messages,
        stop: shutdown.child_token(),
    };
    (handle, from_hub, from_members)
}

/// Commands on their way to a folder.
const COMMANDS: usize = 512;
/// Messages of members on their way to a folder; who sends more waits.
const MESSAGES: usize = 64;
