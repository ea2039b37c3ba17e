//! What every binary logs, where to, and what no log line may carry.
//!
//! Lines go to standard error and, if asked, to a file. `RUST_LOG` chooses what is shown in the usual
//! syntax, with one difference: a level without a target (`RUST_LOG=debug`) speaks of Wherry's own
//! crates only. Other crates print addresses even in warnings, so they are silent until `RUST_LOG` names
//! them (`RUST_LOG=info,webrtc=warn`).
//!
//! **The rule of redaction.** At `info` and above a line carries no name (of a file, a person or a
//! device), no address, no session description, no code, no link and no secret. Counts, sizes, states,
//! error kinds and the random ids of transfers and sessions are fine. What a developer may need to see
//! is wrapped: [`Redacted`] shows it only if `RUST_LOG` asks for `debug` or `trace` of Wherry's crates.
//! Secrets are never logged, wrapped or not.

mod directives;
mod file;
mod init;
mod redacted;

pub use file::{LOG_FILE_BYTES, reopen};
pub use init::{DefaultLevel, InitError, LogConfig, LogTarget, init};
pub use redacted::{Redacted, shows_private};
