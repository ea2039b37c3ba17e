//! What tests of several rooms share: draws that repeat, contents that tell themselves apart, and
//! folders that vanish.

mod folder;
mod seed;

pub use folder::{TempHome, Tree};
pub use seed::{Seed, cases_from_environment, content, seed_from_environment};
