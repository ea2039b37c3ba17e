//! WebRTC: connections and data channels.
