use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};

/// A value that a log line shows only while debugging, and else as `…`.
///
/// Takes `Display` and `Debug` from what it wraps: `info!(peer = %Redacted(&name), "connected")`.
#[derive(Clone, Copy)]
pub struct Redacted<T>(pub T);

/// Whether `RUST_LOG` asked for Wherry's own debug lines when the program began.
pub fn shows_private() -> bool {
    SHOWS_PRIVATE.load(Ordering::Relaxed)
}

pub(crate) fn show_private(shown: bool) {
    SHOWS_PRIVATE.store(shown, Ordering::Relaxed);
}

impl<T: fmt::Display> fmt::Display for Redacted<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match shows_private() {
            true => self.0.fmt(f),
            false => f.write_str(HIDDEN),
        }
    }
}

impl<T: fmt::Debug> fmt::Debug for Redacted<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match shows_private() {
            true => self.0.fmt(f),
            false => f.write_str(HIDDEN),
        }
    }
}

/// Hidden until [`crate::init`] has read `RUST_LOG`.
static SHOWS_PRIVATE: AtomicBool = AtomicBool::new(false);

const HIDDEN: &str = "…";
