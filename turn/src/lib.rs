//! The relay: STUN and TURN over UDP, TCP and TLS, for devices that cannot reach each other.
//!
//! What is said and who may do what is decided in [`turn_proto`]; here are the sockets. Clients that come by
//! UDP share one task per listener, every TCP or TLS connection has its own. Apps and the signaling server
//! embed a [`Relay`]; `wherry-turn` is the same with a command line.
//!
//! ```text
//! client ── UDP ─── udp::run ──────┐
//! client ── TCP ─── stream::run ───┼── turn_proto::server::Session ── RelaySocket ── peer
//! client ── TLS ─── stream::run ───┘                 Ledger: quotas, relayed addresses, counts
//! ```

mod config;
mod disk;
mod ledger;
mod metrics;
mod operators;
mod relay;
mod sockets;
mod stream;
mod tls;
mod udp;

pub use config::{Config, ConfigError, Limits, Ports, TlsFiles};
pub use disk::{ReadError, SecretFileError, read_config, read_secrets};
pub use ledger::Statistics;
pub use relay::{Addresses, Relay, RelayError};
pub use stream::{Duplex, StreamDoor, StreamPeer};
pub use tls::{Certificate, TlsError};
