//! The tests of a connection, on our own engine, and with one side on the stock one.
#![expect(
    clippy::unwrap_used,
    reason = "what the tests share fails like a test does"
)]

#[path = "../connections/channels.rs"]
mod channels;
#[path = "../connections/closing.rs"]
mod closing;
#[path = "../connections/hostile.rs"]
mod hostile;
#[path = "../connections/intruder.rs"]
mod intruder;
#[cfg(target_os = "linux")]
mod lasting;
#[path = "../connections/making.rs"]
mod making;
mod mixed;
#[path = "../connections/pair.rs"]
mod pair;
#[path = "../connections/reflexive.rs"]
mod reflexive;
#[path = "../connections/relayed.rs"]
mod relayed;
mod stock_sctp;
#[path = "../connections/wearing.rs"]
mod wearing;

use peer::Engine;

const ENGINE: Engine = Engine::Own;
