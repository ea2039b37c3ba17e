//! The local network: who is there, and the door at which neighbours meet.
//!
//! [`discovery`] announces this device under a name that means nothing and changes, and lists whoever else does.
//! An announcement is a hint and no more: anybody can make one. Who is behind it shows when it is called: [`call`]
//! and [`Door`] prove to each other, by keys that only the two have, that they are contacts, before either says
//! anything else. A stranger gets the same answer as everybody and learns neither names nor who knows whom.
//! `docs/protocol/lan.md` has the details.

mod call;
mod door;
mod interface;
mod meter;
mod multicast;
mod neighbours;
mod proof;
mod wire;

/// Announces this device, and finds others.
pub mod discovery;

pub use call::{Call, CallError, call};
pub use door::{Arrival, Door, House, Stranger, Visit, Visitor, Wish};
pub use interface::{Interfaces, Networks, is_interface_name};
pub use multicast::{Multicast, try_multicast};
pub use neighbours::{Neighbour, Neighbours, Standing};
pub use proof::Acquaintance;
pub use wire::Line;

/// Where a device listens if nobody else does on this machine. An address that was good once is good again.
pub const PORT: u16 = 7_421;
