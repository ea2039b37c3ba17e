//! Puts the rooms together and fulfils the api.
//!
//! Tasks: the *hub* owns contacts, presence and the transfer table; the *signaling link* owns the
//! WebSocket; the *neighbourhood* keeps a door on local networks and calls at those of others; one
//! *session* task per connected contact owns its connections; one task per *transfer* owns its machine
//! and its files. They send messages, and share nothing. Faces use [`Client`].

mod after_receive;
mod attach;
mod budget;
mod client;
mod clock;
mod connector;
mod control;
pub mod demo;
mod doctor;
mod entries;
mod entropy;
mod folders;
pub mod hosting;
mod hub;
mod incoming;
mod memory;
mod neighbourhood;
mod network_watch;
mod outgoing;
mod owner;
mod pace;
mod preflight;
mod problem;
mod progress;
mod proxy;
mod rate;
pub mod receipts;
mod relays;
mod session;
pub mod settings;
mod signaling_link;
mod stun;
mod transfer;

use std::path::PathBuf;

pub use client::{Client, Events};
pub use memory::use_one_heap;
pub use rate::{RateError, RateRule, WeekTime, parse_speed};

/// What a face decides about the engine.
#[derive(Debug, Clone, Default)]
pub struct EngineConfig {
    /// The home; `None` is the system's place for application data.
    pub home: Option<PathBuf>,
    /// What flags and environment say about settings.
    pub given: settings::Given,
}

impl EngineConfig {
    /// Where the home is, made for this user alone if it is missing; `None` if it cannot be, which
    /// [`Client::open`] explains.
    pub fn home_path(&self) -> Option<PathBuf> {
        let path = match &self.home {
            Some(path) => path.clone(),
            None => store::Home::default_path().ok()?,
        };
        let home = store::Home::open(&path).ok()?;
        Some(home.path().to_owned())
    }
}
