//! Shared folders between real processes: edits flow, conflicts keep both, and nothing is ever lost.

mod basics;
mod campaign;
mod conflicts;
mod crashing;
mod hostile;
mod members;
mod person;
mod programs;
mod rules;
mod team;
