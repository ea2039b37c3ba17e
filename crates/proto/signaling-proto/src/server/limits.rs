use model::limits;
use serde::{Deserialize, Serialize};

/// Every limit of a node, as an operator may set it; the defaults come from [`model::limits`].
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ServerLimits {
    /// Of sockets.
    pub sockets: SocketLimits,
    /// Of mailboxes.
    pub mailboxes: MailboxLimits,
    /// Of pairing codes.
    pub codes: CodeLimits,
}

/// Limits of sockets, each for one socket unless its name says more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SocketLimits {
    /// From open to authenticated.
    pub authenticate_s: u16,
    /// How often a device says that it is there; after three times as long it is taken as gone.
    pub keepalive_s: u16,
    /// Sockets of this node.
    pub total: usize,
    /// Sockets per IPv4 address or IPv6 /64.
    pub per_address: usize,
    /// Sockets per account key.
    pub per_device: usize,
    /// Messages received, sustained.
    pub messages_per_second: u32,
    /// Messages received at once.
    pub message_burst: u32,
    /// Bytes received, sustained and at once.
    pub bytes_per_minute: u32,
    /// Messages waiting to be sent.
    pub queue_messages: usize,
    /// Bytes waiting to be sent.
    pub queue_bytes: usize,
    /// Bytes waiting to be sent on all sockets of this node.
    pub queue_bytes_total: usize,
}

impl Default for SocketLimits {
    fn default() -> Self {
        Self {
            authenticate_s: seconds(limits::SIGNALING_AUTHENTICATE_TIME),
            keepalive_s: KEEPALIVE_S,
            total: SOCKETS,
            per_address: limits::SIGNALING_SOCKETS_PER_ADDRESS,
            per_device: limits::SIGNALING_SOCKETS_PER_DEVICE,
            messages_per_second: limits::SIGNALING_MESSAGES_PER_SECOND,
            message_burst: limits::SIGNALING_MESSAGE_BURST,
            bytes_per_minute: number(limits::SIGNALING_BYTES_PER_MINUTE),
            queue_messages: QUEUE_MESSAGES,
            queue_bytes: limits::MAILBOX_BYTES,
            queue_bytes_total: QUEUE_BYTES_TOTAL,
        }
    }
}

/// Limits of mailboxes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct MailboxLimits {
    /// Mailboxes one socket reads.
    pub per_socket: usize,
    /// Mailboxes of all sockets of an address.
    pub per_address: usize,
    /// Mailboxes of this node.
    pub total: usize,
    /// Messages kept for one mailbox whose reader vanished.
    pub stored_messages: usize,
    /// Bytes kept for it.
    pub stored_bytes: usize,
    /// How long they, and the mailbox, are kept.
    pub stored_s: u16,
    /// Bytes kept in all mailboxes of this node.
    pub stored_bytes_total: usize,
}

impl Default for MailboxLimits {
    fn default() -> Self {
        Self {
            per_socket: limits::SIGNALING_MAILBOXES_PER_SOCKET,
            per_address: MAILBOXES_PER_ADDRESS,
            total: MAILBOXES,
            stored_messages: limits::MAILBOX_MESSAGES,
            stored_bytes: limits::MAILBOX_BYTES,
            stored_s: seconds(limits::MAILBOX_TIME),
            stored_bytes_total: STORED_BYTES_TOTAL,
        }
    }
}

/// Limits of pairing codes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CodeLimits {
    /// From issue to end, and again before the number is issued anew.
    pub lifetime_s: u16,
    /// Claims per address and hour that do not end in a pairing.
    pub failed_claims_per_hour: u32,
    /// Codes one socket issues and claims at a time.
    pub per_socket: usize,
    /// Codes of one address, resting numbers included.
    pub per_address: usize,
    /// Codes of this node, resting numbers included.
    pub total: usize,
    /// Messages through one code, both ways together.
    pub messages: u32,
}

impl Default for CodeLimits {
    fn default() -> Self {
        Self {
            lifetime_s: seconds(limits::CODE_TIME),
            failed_claims_per_hour: limits::CODE_FAILED_CLAIMS_PER_HOUR,
            per_socket: CODES_PER_SOCKET,
            per_address: CODES_PER_ADDRESS,
            total: CODES,
            messages: CODE_MESSAGES,
        }
    }
}

fn seconds(time: std::time::Duration) -> u16 {
    u16::try_from(time.as_secs()).unwrap_or(u16::MAX)
}

fn number(limit: usize) -> u32 {
    u32::try_from(limit).unwrap_or(u32::MAX)
}

/// NATs forget an idle connection after 30 s at the earliest.
const KEEPALIVE_S: u16 = 25;
/// About 300 MB with TLS.
const SOCKETS: usize = 20_000;
/// Twice what a mailbox keeps.
const QUEUE_MESSAGES: usize = 2 * limits::MAILBOX_MESSAGES;
/// So that readers which stop reading cannot take the node's memory.
const QUEUE_BYTES_TOTAL: usize = 256 * 1024 * 1024;
/// 200 devices with 100 contacts each, three days of each.
const MAILBOXES_PER_ADDRESS: usize = 65_536;
/// About 250 MB.
const MAILBOXES: usize = 1_000_000;
/// So that readers which vanish cannot take the node's memory.
const STORED_BYTES_TOTAL: usize = 128 * 1024 * 1024;
/// A person shows one code and types one, in the app and on the command line.
const CODES_PER_SOCKET: usize = 4;
/// An office in which many people pair within twenty minutes.
const CODES_PER_ADDRESS: usize = 64;
/// Numbers stay short.
const CODES: usize = 10_000;
/// A pairing takes about ten.
const CODE_MESSAGES: u32 = 64;
