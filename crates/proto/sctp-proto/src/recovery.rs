//! What is under way: the book of sent chunks, how losses are found, when to repeat and how fast to send.

mod flight;
mod pacer;
mod rtt;

pub(crate) use flight::{Flight, PieceTerms, Sent, State};
pub(crate) use pacer::Pacer;
pub(crate) use rtt::Rtt;
