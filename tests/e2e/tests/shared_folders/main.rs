//! Shared folders between real processes: edits flow, conflicts keep both, and nothing is ever lost.

mod basics;
mod conflicts;
mod crashing;
mod members;
mod rules;
mod team;
