//! What tests of several rooms share: draws that repeat, contents that tell themselves apart, folders that vanish, and addresses
//! that no relay may reach.

mod folder;
mod peers;
mod seed;

pub use folder::{TempHome, Tree};
pub use peers::{disguises, forbidden_peers, forbidden_v4};
pub use seed::{Seed, cases_from_environment, content, seed_from_environment};
