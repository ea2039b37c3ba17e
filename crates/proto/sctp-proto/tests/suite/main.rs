//! Associations on made-up networks, in virtual time.

mod bulk;
mod link;
mod net;

mod handshake;
mod targets;
