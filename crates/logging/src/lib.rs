//! Tracing set-up for every binary.
