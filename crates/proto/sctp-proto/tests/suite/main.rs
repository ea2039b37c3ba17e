//! Associations on made-up networks, in virtual time.

mod bulk;
mod codec;
mod delivery;
mod link;
mod net;

mod handshake;
mod hostile;
mod targets;
