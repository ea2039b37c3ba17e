//! Two connections in one process, over real sockets on loopback.
#![expect(
    clippy::unwrap_used,
    reason = "what the tests share fails like a test does"
)]

mod channels;
mod closing;
mod hostile;
mod intruder;
mod making;
mod pair;
mod reflexive;
mod relayed;
mod wearing;

use peer::Engine;

/// What is tested here; the same tests run once more on the other engine.
const ENGINE: Engine = Engine::Stock;
