//! The hosted signaling service.
