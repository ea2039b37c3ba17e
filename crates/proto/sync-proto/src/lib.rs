//! One shared folder between devices, without IO.
//!
//! A [`Folder`] is one device's side: its driver tells it what lies on the disk and what other members say, and does
//! what comes out. Below it are parts that stand by themselves: [`reconcile`] judges two versions of a path,
//! [`FolderRoster`] says who may do what, [`Chunker`] cuts files, [`IgnoreRules`] says what is not shared.
//! `docs/protocol/folders.md` tells the protocol.

mod brake;
mod chunking;
mod conflict;
mod delta;
mod folder;
mod ignoring;
mod index;
mod messages;
mod path;
mod pieces;
mod reconcile;
mod record;
mod retention;
mod roster;
mod swarm;
mod version;

pub use chunking::{Chunk, ChunkSizes, Chunker, FILE_BYTES, Recipe, WrongRecipe};
pub use delta::{Piece, assemble, difference};
pub use folder::{
    Choice, Cursor, Deed, Direction, FetchCounts, Folder, FolderConfig, FolderEvent, FolderInput,
    FolderOutput, FolderSettings, FolderStatus, FolderViolation, FolderWaits, Keep, Moment,
    Outcome, Source, Task,
};
pub use ignoring::{IgnoreError, IgnoreRules};
pub use index::{Index, IndexPage, Novelty, Slot, Wanted, bit};
pub use messages::{AddressedToFolder, FolderHello, FolderMessage};
pub use model::FolderId;
pub use path::{FolderPath, IGNORE_FILE, OWN_STORAGE, PathError};
pub use pieces::{GatheredChunk, PieceError, PieceGatherer, PiecePacker};
pub use reconcile::{Verdict, reconcile};
pub use record::{Announced, FileState, Record, Rival, State};
pub use retention::{KeptVersion, outdated};
pub use roster::{FolderMember, FolderRoster, FolderRosterError, NoSuchSeat, Role, Seat};
pub use version::{MalformedVersion, Stamp, VersionVector, stamp_of};
