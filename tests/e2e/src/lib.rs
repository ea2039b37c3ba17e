//! Drives the real programs: `wherry` and `wherry-signaling`, as a person or a script would.
//!
//! The programs must be built first, with the feature `failpoints` (`make test` does it); they are found
//! beside the test binaries.

mod files;
pub mod hostile;
#[cfg(target_os = "linux")]
mod internet;
mod network;
mod people;
mod process;
mod server;

pub use files::{make_file, make_tree, same_file, same_tree, visible_names};
#[cfg(target_os = "linux")]
pub use internet::Internet;
pub use network::{Wire, in_own_network};
pub use people::{code_of, pair_with};
pub use process::{Device, Ended, Running, binary};
pub use server::Server;
