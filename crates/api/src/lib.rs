//! The contract with the faces: commands, events, error codes.
