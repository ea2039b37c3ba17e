//! A paired device that lies: the victim refuses, stays small, writes nothing outside, and serves others.
#![expect(clippy::unwrap_used, reason = "a test may fail anywhere")]

#[path = "hostile_peer/commands.rs"]
mod commands;
#[path = "hostile_peer/datagrams.rs"]
mod datagrams;
#[path = "hostile_peer/lies.rs"]
mod lies;
#[path = "hostile_peer/names.rs"]
mod names;
#[path = "hostile_peer/planted.rs"]
mod planted;
#[path = "hostile_peer/receipts.rs"]
mod receipts;
