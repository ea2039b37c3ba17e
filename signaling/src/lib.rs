//! The hosted signaling service: a WebSocket server around [`signaling_proto::server`].
//!
//! A node is one hub task, which owns the state of all sockets, and one task per socket. Accepting,
//! TLS and the HTTP request happen in tasks of their own that end before the socket's task begins, so
//! that an idle socket costs a few kilobytes. Apps embed a node with [`serve`]; `wherry-signaling` is
//! the same thing with a command line.

mod accept;
mod address;
mod bus;
mod config;
mod disk;
mod embedded;
mod entropy;
mod http;
mod hub;
mod metrics;
mod relays;
mod server;
mod session;

pub use bus::{Bus, BusEvent, LocalBus};
pub use config::{
    Cidr, CidrError, Config, ConfigError, ForwardHeader, HttpLimits, Proxy, RelayUri,
    RelayUriError, Relays,
};
pub use disk::{ReadError, read_config};
pub use embedded::Embedded;
pub use server::{ServeError, Server, serve};
pub use signaling_proto::server::{CodeLimits, MailboxLimits, ServerLimits, SocketLimits};
pub use turn::{TlsError, TlsFiles};
