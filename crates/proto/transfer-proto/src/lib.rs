//! One transfer between two devices.
