//! User files: scan, read, stage, commit.
