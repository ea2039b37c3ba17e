//! The rules of the house as tests: who may import whom, how long things may grow, what words we avoid.
//!
//! Every rule is a function from what it looks at to the [`Violation`]s it found; `tests/house.rs` holds
//! them against this tree, and each module's own tests show that its rule can fail. A rule that stands in
//! the way is changed here, in the open, with its reason.

pub mod budgets;
pub mod habits;
pub mod limits;
pub mod makefile;
mod metadata;
pub mod names;
mod outline;
pub mod pages;
pub mod rooms;
mod spdx;
pub mod supply;
pub mod traces;
mod tree;
mod violation;

pub use metadata::{Dependency, DependencyKind, Metadata, MetadataError, Package};
pub use tree::{File, Tree};
pub use violation::{Violation, hold};
