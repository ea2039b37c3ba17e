//! The authenticated channel inside a peer connection.
