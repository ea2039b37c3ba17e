//! One function per decoder and machine that faces a stranger, and the corpora that exercise them.
//!
//! A [`Target`] takes any bytes, must not panic, and checks the laws of what it decodes (what is read
//! can be written and read again). Each has a folder `corpus/<name>` with seeds that the code writes
//! itself (`cargo run -p fuzz`) and with inputs that once broke something. `tests/replay.rs` replays all of
//! them and a bounded number of mutations; `soak` runs for as long as one likes.

mod association;
mod corpus;
mod device_socket;
mod devices;
mod envelope;
mod folder;
mod halves;
mod hunt;
mod manifest;
mod mutation;
mod pair;
mod pairing;
mod receipt;
mod repeatable;
mod script;
mod session;
mod signaling;
mod socket;
mod target;
mod text;
mod transfer;

pub use corpus::{Sample, load, write_seeds};
pub use hunt::{Budget, Failure, hunt};
pub use mutation::Mutator;
pub use target::{TARGETS, Target, Verdict};
