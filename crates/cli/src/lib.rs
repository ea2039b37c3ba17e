//! The headless face: wherry.
