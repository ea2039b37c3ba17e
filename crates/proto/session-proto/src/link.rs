use std::time::{Duration, Instant};

use snow::TransportState;

use crate::frames::{self, COUNT_BYTES, Frame, SIGN_BYTES};
use crate::session::{ConnectionId, Violation};

/// Silence after which the peer is asked whether it is still there.
pub const KEEP_ALIVE_TIME: Duration = Duration::from_secs(10);
/// Silence after which a connection counts as dead: two questions went unanswered.
pub const SILENT_TIME: Duration = Duration::from_secs(25);

/// Room for data frames in one transport message, beside a ping, a pong and an acknowledgement.
pub(crate) const DATA_ROOM_BYTES: usize =
    NOISE_MESSAGE_BYTES - NOISE_TAG_BYTES - COUNT_BYTES - 3 * SIGN_BYTES;

/// The proven control channel of one connection.
pub(crate) struct Link {
    pub(crate) connection: ConnectionId,
    noise: Box<TransportState>,
    heard: Instant,
    /// Keep-alive questions since something was heard.
    questions: u32,
    ping: Option<u64>,
    pong: Option<u64>,
    /// The driver's last ping, until it is answered.
    asked: Option<u64>,
}

impl Link {
    /// Starts on `connection`, where the peer was heard `now`.
    pub(crate) fn new(connection: ConnectionId, noise: TransportState, now: Instant) -> Self {
        Self {
            connection,
            noise: Box::new(noise),
            heard: now,
            questions: 0,
            ping: None,
            pong: None,
            asked: None,
        }
    }

    /// Encrypts one message.
    pub(crate) fn seal(&mut self, frames: &[Frame]) -> Vec<u8> {
        let plain = frames::encode(frames);
        let mut sealed = vec![0; plain.len() + NOISE_TAG_BYTES];
        let length = self
            .noise
            .write_message(&plain, &mut sealed)
            .expect("the frames were counted to fit, and nonces last for centuries");
        sealed.truncate(length);
        sealed
    }

    /// Decrypts one message; it counts as a sign of life.
    pub(crate) fn open(&mut self, sealed: &[u8], now: Instant) -> Result<Vec<Frame>, Violation> {
        let mut plain = vec![0; sealed.len()];
        let length = self
            .noise
            .read_message(sealed, &mut plain)
            .map_err(|_| Violation::NotAuthentic)?;
        self.hear(now);
        frames::decode(&plain[..length]).map_err(|_| Violation::Malformed)
    }

    /// Takes note of a sign of life.
    pub(crate) fn hear(&mut self, now: Instant) {
        self.heard = now;
        self.questions = 0;
    }

    /// Sends a ping of the driver.
    pub(crate) fn ask(&mut self, nonce: u64) {
        self.ping = Some(nonce);
        self.asked = Some(nonce);
    }

    /// The peer wants to hear something.
    pub(crate) fn answer(&mut self, nonce: u64) {
        self.pong = Some(nonce);
    }

    /// Whether an answer is the one to the driver's last ping.
    pub(crate) fn is_answered(&mut self, nonce: u64) -> bool {
        self.asked.take_if(|asked| *asked == nonce).is_some()
    }

    /// Takes the pings and pongs that wait to be sent.
    pub(crate) fn take_signs(&mut self) -> Vec<Frame> {
        let pong = self.pong.take().map(|nonce| Frame::Pong { nonce });
        let ping = self.ping.take().map(|nonce| Frame::Ping { nonce });
        pong.into_iter().chain(ping).collect()
    }

    /// Whether nothing was heard for [`SILENT_TIME`].
    pub(crate) fn is_silent(&self, now: Instant) -> bool {
        now >= self.heard + SILENT_TIME
    }

    /// Asks the peer for a sign of life when it is time.
    pub(crate) fn keep_alive(&mut self, now: Instant) {
        while self.questions < KEEP_ALIVE_QUESTIONS && now >= self.next_question() {
            self.questions += 1;
            self.ping = self.ping.or(Some(KEEP_ALIVE_NONCE));
        }
    }

    /// When [`Link::keep_alive`] or [`Link::is_silent`] changes next.
    pub(crate) fn deadline(&self) -> Instant {
        if self.questions < KEEP_ALIVE_QUESTIONS {
            self.next_question()
        } else {
            self.heard + SILENT_TIME
        }
    }

    fn next_question(&self) -> Instant {
        self.heard + KEEP_ALIVE_TIME * (self.questions + 1)
    }
}

/// The longest Noise message (Noise Protocol Framework, revision 34, §3); the channel takes one byte more.
const NOISE_MESSAGE_BYTES: usize = 65_535;
/// What ChaCha20-Poly1305 adds.
const NOISE_TAG_BYTES: usize = 16;
/// Questions that fit into [`SILENT_TIME`].
const KEEP_ALIVE_QUESTIONS: u32 = 2;
/// The nonce of keep-alive pings; their answers go to nobody.
const KEEP_ALIVE_NONCE: u64 = 0;
