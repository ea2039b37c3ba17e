//! Networks made of namespaces: two devices, their routers and carriers, and an internet in between.
//!
//! ```text
//! a ── router-a ── (carrier-a) ──╮                 ╭── (carrier-b) ── router-b ── b
//! ╰─── router-s ── (carrier-s) ──┴───── inet ──────╯
//! ```
//!
//! A [`Plan`] says what each of these is, [`Lab::up`] builds it, and dropping the lab takes it down. Everything
//! lives inside namespaces that [`alone`] or [`alone::program`] made for one process: when that process ends, in
//! whatever way, the kernel removes all of it. It takes Linux, and either root or user namespaces.
//!
//! NATs are nftables rules, links with delay and loss are TUN devices with an [`emulator`] between them.
#![cfg(target_os = "linux")]

pub mod alone;
pub mod control;
pub mod emulator;
mod expected;
mod lab;
mod node;
mod plan;
pub mod probe;
mod proxy;
mod rules;
mod sides;
mod team;

pub use expected::{Expected, Kinds};
pub use lab::Lab;
pub use node::Node;
pub use plan::{Access, Kind, Nat, Plan, Side, Together};
pub use proxy::{PROXY_PORT, Proxy};
