//! A spoken code becomes a trusted contact, without IO.
//!
//! One device shows a [`Code`] such as `7-lunar-basil`, its owner says it, the other types it. Two
//! [`Pairing`] machines then prove to each other that they know the code (SPAKE2 with explicit
//! confirmation, behind [`Pake`]), introduce themselves inside a Noise handshake, and end with each
//! other's keys and a fresh secret. Whoever carries the messages learns nothing and has one guess, which
//! burns the code. The wire is described in `docs/protocol/pairing.md`.

mod code;
mod confirmation;
mod device_notice;
mod introduction;
mod message;
mod noise;
mod pairing;
mod pake;
mod words;

pub use code::{Code, CodeError};
pub use device_notice::{
    ContactNotice, DeviceNotice, IntroducedDevice, NoticeError, RosterNotice, SharedDevice,
};
pub use introduction::{Introduction, IntroductionError, PairingPurpose};
pub use message::Message;
pub use pairing::{
    Comparison, Paired, Pairing, PairingConfig, PairingError, PairingInput, PairingOutput, Role,
    TapConfig,
};
pub use pake::{Pake, PakeError, PakeKey, Spake2};
pub use words::{ComparisonWords, Word, complete};
