//! Every limit of the association, each with its reason.

use std::time::Duration;

const KIB: usize = 1024;
const MIB: usize = 1024 * KIB;

/// A message: what browsers accept without negotiation (RFC 8841 §6 leaves 64 KiB, all of them take this).
pub const MESSAGE_BYTES: usize = 256 * KIB;
/// A packet: the largest UDP datagram leaves less.
pub const PACKET_BYTES: usize = 65_532;
/// The smallest packet size that is ever used: IPv6 guarantees 1,280, relays and tunnels take from it.
pub const PACKET_BYTES_FLOOR: usize = 512;
/// The packet size to begin with: what fits every path met in practice, after IPv6, UDP, a relay and DTLS.
pub const PACKET_BYTES_START: usize = 1_152;
/// The largest packet to a peer that does not say what it takes: an Ethernet frame with IPv6, UDP and DTLS. Stacks of
/// browsers end their session over a record that exceeds their buffer of 2 KiB, so that a larger one must not even be tried.
pub const PACKET_BYTES_UNTOLD: usize = 1_412;
/// Channels that are open at once.
pub const CHANNELS: usize = 1_024;
/// Streams we offer and accept: all there are but the last, as RFC 8831 §6.2 asks.
pub const STREAMS: u16 = u16::MAX;
/// The label of a channel, and its protocol: the message that names them must fit one packet.
pub const LABEL_BYTES: usize = 256;
/// What may wait to be sent on all channels together.
pub const SEND_BUFFER_BYTES: usize = 4 * MIB;
/// What may be under way unacknowledged, whatever the peer's window says.
pub const FLIGHT_BYTES: usize = 32 * MIB;
/// Chunks that may be under way: bounds the book of what was sent if they are tiny.
pub const FLIGHT_CHUNKS: usize = 64 * KIB;
/// What the peer may fill before its speed is known.
pub const RECEIVE_WINDOW_START_BYTES: usize = MIB;
/// What the peer may fill at most, unless the driver says otherwise.
pub const RECEIVE_WINDOW_BYTES: usize = 16 * MIB;
/// What a fragment or message costs beyond its bytes, so that tiny ones do not come for free.
pub const ENTRY_BYTES: usize = 64;
/// Holes in what has arrived: jitter of a whole window at 1 Gbit/s makes some hundred.
pub const RANGES: usize = 2_048;
/// Duplicates told in one SACK.
pub const DUPLICATES: usize = 16;
/// Control chunks that wait to be sent (answers to heartbeats, errors): more are dropped, not kept.
pub const CONTROL_CHUNKS: usize = 16;
/// The echoed part of a heartbeat or an error: longer ones are not answered.
pub const ECHO_BYTES: usize = 2 * KIB;
/// A state cookie that we echo: those of known stacks have less than 512 bytes.
pub const COOKIE_BYTES: usize = 4 * KIB;
/// Streams in one reset request.
pub const RESET_STREAMS: usize = 256;
/// First repetition of an INIT, a cookie or a shutdown; it doubles.
pub const HANDSHAKE_TIME: Duration = Duration::from_millis(200);
/// Where that doubling ends.
pub const HANDSHAKE_TIME_MAX: Duration = Duration::from_secs(1);
/// How long the handshake or the shutdown may take.
pub const HANDSHAKE_PATIENCE: Duration = Duration::from_secs(30);
/// The shortest retransmission timeout (RFC 9260 §16 has 1 s: too long by far with tail loss probes).
pub const RTO_MIN: Duration = Duration::from_millis(200);
/// The retransmission timeout before the first measurement.
pub const RTO_START: Duration = Duration::from_secs(1);
/// Where its backoff ends, so that data flow again within a second after an outage.
pub const RTO_MAX: Duration = Duration::from_secs(1);
/// How long an acknowledgment may be held back (RFC 9260 §6.2 allows 500 ms).
pub const ACK_DELAY: Duration = Duration::from_millis(20);
/// How often an idle path is asked whether it lives (RFC 9260 §8.3).
pub const HEARTBEAT_TIME: Duration = Duration::from_secs(30);
/// How often again, until the peer is heard or patience ends.
pub const HEARTBEAT_REPEAT_TIME: Duration = Duration::from_secs(5);
