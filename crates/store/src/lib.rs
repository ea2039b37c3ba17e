//! SQLite and key storage.
