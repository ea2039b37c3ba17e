//! Two connections in one process, over real sockets on loopback.

mod channels;
mod closing;

mod making;
mod pair;
