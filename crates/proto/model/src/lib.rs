//! Wherry's vocabulary: the words every other room uses, and nothing that acts.
//!
//! Everything here is plain data that was checked when it was made: a [`Name`] is a portable file
//! name, [`DeviceKeys`] carry a valid certificate, a [`ChunkSet`] is normalised. No clock, no disk, no
//! network, no randomness of its own: random bytes come in through [`Entropy`].

mod chunk_set;
mod civil;
mod description;
mod digest;
mod entropy;
mod entry;
mod existing;
mod folder_pattern;
mod ids;
mod invitation;
mod keys;
pub mod limits;
mod name;
mod pair_chain;
mod program;
mod relay_wish;
mod roster;
mod rule;
pub mod sdp;
mod server_address;
pub mod wire;

pub use chunk_set::ChunkSet;
pub use description::{Candidate, CandidateKind, Description, DtlsFingerprint, DtlsRole, PathKind};
pub use digest::{Digest, FileDigest};
pub use entropy::Entropy;
pub use entry::{Entry, EntryKind, EntryVersion, Timestamp, chunk_count, chunk_span};
pub use existing::{Existing, ExistingError};
pub use folder_pattern::{FolderPattern, FolderPatternError, Occasion, kind_word, safe_name};
pub use ids::{
    ContactId, DeviceId, FolderId, IdError, MailboxId, PostToken, SessionId, TransferId,
};
pub use invitation::{Invitation, InvitationAim, InvitationError};
pub use keys::{
    DeviceKeys, DeviceSecrets, KeyError, NoisePublicKey, Purpose, Signature, SigningPublicKey,
    verify,
};
pub use name::{DisplayName, Name, NameError, NameRules, RelPath};
pub use pair_chain::{Day, DayKeys, DirectionKeys, PairChain, PairSecret};
pub use program::{is_program, is_program_name};
pub use relay_wish::{RelayWish, RelayWishError};
pub use roster::{Roster, RosterDevice, RosterError};
pub use rule::{ReceiveRule, RuleInForce};
pub use server_address::{ServerAddress, ServerAddressError};
