//! Messages to the signaling server, sealed envelopes, negotiation.
