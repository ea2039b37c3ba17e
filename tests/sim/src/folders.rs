//! Several devices that share one folder: people edit on all of them, networks part, processes crash, clocks are
//! wrong, and some disks take different names for the same.
//!
//! What must hold is told without the machines: all devices hold the same in the end, and every content that somebody
//! wrote and nobody who saw it replaced or deleted is there, at its path, in a copy beside it, or among the versions.

mod disk;
mod ledger;
mod node;
mod people;
mod team;

pub use team::FolderReport;

/// Runs the team of `seed` to its end.
///
/// # Panics
/// When bytes are lost, or members hold different things in the end. The caller prints the seed.
pub fn run_folders(seed: u64) -> FolderReport {
    team::Team::new(seed).run()
}
