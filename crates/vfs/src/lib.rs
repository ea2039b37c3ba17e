//! User files: scan, read, stage, commit. The only room that opens, walks or writes them.
//!
//! Everything blocks; the engine calls it on its blocking pool. Received names arrive as [`model::Name`]s,
//! never as path strings, and every step below a folder goes through an open handle of that folder and
//! follows no link.

pub mod failpoint;
pub mod ledger;
mod lru;
pub mod manifest;
pub mod note;
mod platform;
pub mod records;
pub mod sample;
pub mod shared_folder;
pub mod sink;
pub mod source;
pub mod space;
pub mod stdout;
pub mod stream;
pub mod watch;
