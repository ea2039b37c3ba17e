//! Two devices with a fake network, disk, clock and people that drive the real machines of
//! `session-proto` and `transfer-proto`.
//!
//! [`run`] draws a world from a seed: transfers, a network, and faults. It lets the world go wrong for a
//! while and checks after every step that nothing forbidden happened; then the world turns kind, and
//! everything must complete. A run is repeated exactly by its seed.
//!
//! [`run_folders`] does the same with several devices that share a folder.
//!
//! Where to read on: `world` is the loop, `world/sessions`, `world/sending` and `world/receiving` drive the
//! machines as the engine would, `world/faults` makes things go wrong, `world/verdict` knows what must hold.

mod device;
mod disk;
mod folders;
mod network;
mod plan;
mod schedule;
mod source;
mod world;

use std::time::Duration;

pub use folders::{FolderReport, run_folders};

/// What a run was like, to see that the faults really happened.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Report {
    /// Steps taken.
    pub steps: u64,
    /// Time that passed in the world.
    pub time: Duration,
    /// Transfers that were completed.
    pub completed: u64,
    /// Transfers that were declined or canceled.
    pub ended_otherwise: u64,
    /// Entries left out because their sources were gone.
    pub skipped: u64,
    /// Sessions that were established anew or moved to another connection.
    pub sessions: u64,
    /// Connections that were cut.
    pub cuts: u64,
    /// Processes that crashed.
    pub crashes: u64,
    /// Chunks that arrived damaged.
    pub damaged: u64,
    /// Writes that a full disk refused.
    pub refused_writes: u64,
    /// Sources that changed or vanished.
    pub source_changes: u64,
    /// Chunk bytes sent more than once.
    pub resent_bytes: u64,
}

/// Runs the world of `seed` to its end.
///
/// # Panics
/// When something happens that must not, or the kind world does not complete. The message names the place;
/// the caller prints the seed.
pub fn run(seed: u64) -> Report {
    world::World::new(seed).run()
}
