//! WebRTC: connections and data channels.
//!
//! A [`Connection`] is one peer connection with two negotiated channels: 0 carries control, 1 carries
//! bulk. It is made from two [`model::Description`]s that somebody else carries across, gathers on the
//! addresses it is given, asks the STUN servers it is
//! given, and never resolves a name, speaks mDNS or TCP, or opens another channel.
//!
//! The WebRTC stack behind the door never touches the network itself: every socket is one of ours,
//! sized for bursts, a gate looks at each datagram before the stack does, and a hush keeps the stack from
//! shouting at a peer that is gone.
//!
//! ```text
//! Connection ── Channel ── webrtc ── PeerRuntime ── GuardedSocket ── UDP
//!                             │            │              │
//!                          Observer      clock       Gate, Hush
//! ```

mod addresses;
mod channel;
mod config;
mod connection;
mod gate;
mod hush;
mod link;
mod observer;
mod own;
mod path;
mod progress;
mod relay;
mod runtime;
mod socket;
mod stock;
mod stun;
mod wear;

pub use addresses::{AddressScope, addresses};
pub use channel::{Channel, SendError, Statistics};
pub use config::{ConnectionConfig, Engine, STUN_SERVERS, SocketBuffers};
pub use connection::{ConnectError, Connection, FLUSH_TIME, Fingerprints, PendingConnection};
pub use progress::CloseReason;
pub use relay::{DialRelay, FindRelay, RelayAccess, RelayError, RelayStream, RelayWay, try_relay};
