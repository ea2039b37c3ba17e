//! Every limit of the protocols, in one place, each with its reason. `docs/protocol/` lists them too.

use std::time::Duration;

const KIB: usize = 1024;
const MIB: usize = 1024 * KIB;

// Signaling

/// HTTP request head at the signaling server: browsers send about 1 KiB.
pub const SIGNALING_HEAD_BYTES: usize = 8 * KIB;
/// Time for the HTTP request head, against slow-header attacks.
pub const SIGNALING_HEAD_TIME: Duration = Duration::from_secs(5);
/// One WebSocket message.
pub const SIGNALING_MESSAGE_BYTES: usize = 64 * KIB;
/// Time from socket to authenticated.
pub const SIGNALING_AUTHENTICATE_TIME: Duration = Duration::from_secs(10);
/// Sockets per IPv4 address or IPv6 /64: an office behind one address must fit.
pub const SIGNALING_SOCKETS_PER_ADDRESS: usize = 256;
/// Sockets per device: the app, the command line, and two that time out.
pub const SIGNALING_SOCKETS_PER_DEVICE: usize = 4;
/// Messages a socket may send, sustained.
pub const SIGNALING_MESSAGES_PER_SECOND: u32 = 20;
/// Messages a socket may send at once.
pub const SIGNALING_MESSAGE_BURST: u32 = 60;
/// Bytes a socket may send.
pub const SIGNALING_BYTES_PER_MINUTE: usize = 2 * MIB;
/// Mailboxes one socket may read: three days for each of 1,000 contacts.
pub const SIGNALING_MAILBOXES_PER_SOCKET: usize = 3_072;
/// Messages kept for a mailbox whose reader just vanished.
pub const MAILBOX_MESSAGES: usize = 32;
/// Bytes kept for it.
pub const MAILBOX_BYTES: usize = 512 * KIB;
/// How long they are kept.
pub const MAILBOX_TIME: Duration = Duration::from_secs(5 * 60);
/// How long a pairing code may be claimed.
pub const CODE_TIME: Duration = Duration::from_secs(10 * 60);
/// A pairing message: keys, a name and their encryption need under 450 bytes.
pub const PAIRING_MESSAGE_BYTES: usize = KIB;
/// Failed confirmations that burn a code.
pub const CODE_FAILED_CONFIRMATIONS: u32 = 1;
/// Failed claims per address and hour.
pub const CODE_FAILED_CLAIMS_PER_HOUR: u32 = 10;

// Envelopes and negotiation

/// Sealed envelopes are padded to one of these, so that their size tells little.
///
/// The largest leaves room for the message around it within [`SIGNALING_MESSAGE_BYTES`].
pub const ENVELOPE_BYTES: [usize; 4] = [KIB, 4 * KIB, 16 * KIB, 64 * KIB - 256];
/// Protocol versions that a device may name: old ones are dropped long before.
pub const PROTOCOL_VERSIONS: usize = 16;
/// An exported identity: a thousand contacts with the longest lists of devices.
pub const IDENTITY_FILE_BYTES: u64 = 64 * MIB as u64;
/// Devices of one person at once.
pub const DEVICES_PER_PERSON: usize = 16;
/// Additions and revocations of one person's devices, in all.
pub const ROSTER_CHANGES: usize = 128;
/// A person's list of devices, encoded: the longest has some 43,000 bytes.
pub const ROSTER_BYTES: usize = 48 * KIB;
/// A notice inside an envelope: with everything around it, it fits the largest.
pub const NOTICE_BYTES: usize = 60 * KIB;
/// Envelopes of a contact that are remembered, to tell one that is delivered again from a copied identity.
pub const REMEMBERED_ENVELOPES: u64 = 64;
/// A session description.
pub const SDP_BYTES: usize = 8 * KIB;
/// Candidates in one description.
pub const CANDIDATES: usize = 32;
/// How far ahead of its first day a pair chain is followed: more is a broken clock.
pub const PAIR_CHAIN_DAYS_AHEAD: u32 = 3_660;
/// How long the record of a code session lives.
pub const CODE_SESSION_TIME: Duration = Duration::from_secs(24 * 60 * 60);

// Connections

/// From candidates to a connected pair.
pub const ICE_TIME: Duration = Duration::from_secs(30);
/// From a connected pair to a DTLS session.
pub const DTLS_TIME: Duration = Duration::from_secs(10);
/// From the open control channel to a proven peer.
pub const NOISE_TIME: Duration = Duration::from_secs(10);
/// What may arrive on the control channel before the peer is proven.
pub const NOISE_BYTES: usize = 64 * KIB;
/// Handshakes of all contacts at once.
pub const HANDSHAKES: usize = 16;
/// Handshakes of one contact at once.
pub const HANDSHAKES_PER_CONTACT: usize = 2;
/// DTLS handshake datagrams taken from one connection's peer.
pub const DTLS_HANDSHAKE_FRAGMENTS: usize = 64;
/// DTLS handshake bytes taken from one connection's peer.
pub const DTLS_HANDSHAKE_BYTES: usize = 64 * KIB;
/// DTLS application records taken before the handshake is done.
pub const DTLS_EARLY_RECORDS: usize = 32;
/// Data per DTLS session and direction: AES-GCM nonces are random there.
pub const DTLS_SESSION_BYTES: u64 = 8 * 1024 * 1024 * 1024;
/// One message on a data channel: what browsers take.
pub const CHANNEL_MESSAGE_BYTES: usize = 64 * KIB;
/// Peer connections of one session.
pub const CONNECTIONS_PER_SESSION: usize = 16;
/// A message on the control channel, before it is cut into frames.
pub const CONTROL_MESSAGE_BYTES: usize = 320 * KIB;
/// Control messages sent and not yet acknowledged.
pub const CONTROL_UNACKNOWLEDGED_BYTES: usize = 4 * MIB;
/// All windows, queues and buffers of a process together.
pub const BUFFER_BUDGET_BYTES: usize = 32 * MIB;
/// Files held open for one peer.
pub const OPEN_FILES_PER_PEER: usize = 64;

// Transfers

/// A chunk: the unit of verification, of resuming and of disk access.
pub const CHUNK_BYTES: u64 = MIB as u64;
/// Bytes sent whose chunks are not yet confirmed as stored: what a crash may cost.
pub const UNCONFIRMED_BYTES: u64 = 4 * MIB as u64;
/// One page of a manifest, encoded.
pub const MANIFEST_PAGE_BYTES: usize = 256 * KIB;
/// Entries of one page: a page of the shortest names must stay small in memory.
pub const MANIFEST_PAGE_ENTRIES: usize = 16 * 1024;
/// Entries of one transfer.
pub const MANIFEST_ENTRIES: u64 = 1_000_000;
/// Manifest pages that a receiver holds at once.
pub const OPEN_PAGES: usize = 4;
/// Damaged chunks of one file.
pub const CORRUPT_CHUNKS_PER_FILE: u32 = 3;
/// Damaged chunks of one session.
pub const CORRUPT_CHUNKS_PER_SESSION: u32 = 16;
/// Versions of a source file that are tried before it is given up.
pub const SOURCE_VERSIONS: u32 = 8;
/// Offers shown per contact and minute.
pub const PROMPTS_PER_MINUTE: u32 = 6;
/// Declines in a row that mute a contact.
pub const DECLINES_TO_MUTE: u32 = 3;
/// For how long it is muted.
pub const MUTE_TIME: Duration = Duration::from_secs(60 * 60);
/// The slowest speed that can be set: a single message takes four seconds then.
pub const RATE_LIMIT_BYTES_PER_S: u64 = 16 * 1024;
/// Transfers that send at once unless a person sets another number; others wait for their turn.
pub const ACTIVE_TRANSFERS: usize = 4;
/// After this long without an answer an offer no longer keeps others waiting.
pub const OFFER_TURN_TIME: Duration = Duration::from_secs(30);
/// People and groups that one send may name.
pub const RECIPIENTS: usize = 64;
/// Without a verified chunk for this long, the connection is made anew.
pub const STALL_TIME: Duration = Duration::from_secs(30);
/// New connections without progress before the transfer pauses.
pub const STALLS_TO_PAUSE: u32 = 3;
/// Free space to leave, at least.
pub const DISK_RESERVE_BYTES: u64 = 1024 * MIB as u64;
/// Free space to leave, as a share of the disk in percent.
pub const DISK_RESERVE_PERCENT: u64 = 5;
/// How long finished transfers are remembered, so that none happens twice.
pub const FINISHED_TRANSFER_TIME: Duration = Duration::from_secs(30 * 24 * 60 * 60);
/// After this long without anything stored, what is staged of an unfinished transfer is removed, and it ends.
pub const ABANDONED_TRANSFER_TIME: Duration = Duration::from_secs(30 * 24 * 60 * 60);
/// A text that is sent as such: more is a file. It is one chunk, so it is there or not.
pub const TEXT_BYTES: usize = 64 * KIB;
/// A receipt without its list: keys, signatures, digests and three names need under 900 bytes.
pub const RECEIPT_BYTES: usize = KIB;
/// One line of a receipt's list: the longest path and two digests.
pub const RECEIPT_LINE_BYTES: usize = 5 * KIB;
/// The largest offer that a rule accepts unless it names another ceiling.
pub const RULE_CEILING_BYTES: u64 = 10 * 1024 * MIB as u64;
/// A pattern of folders for what arrives.
pub const FOLDER_PATTERN_BYTES: usize = 512;
/// A command that is to run after a transfer arrived.
pub const COMMAND_BYTES: usize = 4 * KIB;
/// How long it may run.
pub const COMMAND_TIME: Duration = Duration::from_secs(60);
/// How many of them wait for their turn; further ones do not run.
pub const COMMANDS_WAITING: usize = 64;
/// Entries that each side names to the other before data moves, for each page; of the rest only the number.
pub const PREFLIGHT_NAMED: usize = 256;
/// Receipts that a home keeps, the newest.
pub const RECEIPTS: u32 = 10_000;

// Shared folders

/// Members of a folder over its whole life: a seat is never given to another device.
pub const FOLDER_SEATS: usize = 128;
/// Shared folders of one device.
pub const FOLDERS: usize = 64;
/// Invitations to folders that wait for a person, the oldest make room.
pub const FOLDER_INVITATIONS: usize = 64;
/// Rosters that admins may sign in a row before the owner has to.
pub const FOLDER_ADMIN_EDITIONS: usize = 8;
/// The members of a folder, encoded: nine editions of 128 members each.
pub const FOLDER_ROSTER_BYTES: usize = 312 * KIB;
/// One page of an index, encoded.
pub const INDEX_PAGE_BYTES: usize = 256 * KIB;
/// Paths of one folder, deleted ones included.
pub const FOLDER_ENTRIES: usize = 1_000_000;
/// Chunks of one file: 4 GiB in chunks of 16 KiB, 256 GiB in chunks of 256 KiB.
pub const RECIPE_CHUNKS: usize = 1_024 * 1_024;
/// Pieces of a recipe in one message.
pub const RECIPE_PAGE_PIECES: usize = 4_096;
/// Chunks that one member may ask another for at once.
pub const FOLDER_ASKED_CHUNKS: usize = 512;
/// Files of a folder that are fetched at once.
pub const FOLDER_FETCHES: usize = 32;
/// The same with those that wait because nobody who is there has them.
pub const FOLDER_SLEEPING_FETCHES: usize = 1_024;
/// How far ahead of both clocks the stamp of a change may be: 139 years, for machines without a clock.
pub const STAMP_AHEAD_MS: u64 = 1 << 42;
/// Lines of a folder's list of what is not shared.
pub const IGNORE_LINES: usize = 1_024;
/// That list.
pub const IGNORE_BYTES: usize = 64 * KIB;
/// Deletions within [`DELETION_TIME`] that stop a folder until a person looked.
pub const DELETIONS_TO_ASK: usize = 1_000;
/// Deletions within [`DELETION_TIME`] that stop a folder, as a share of its files in percent.
pub const DELETIONS_TO_ASK_PERCENT: usize = 25;
/// The time in which deletions count together.
pub const DELETION_TIME: Duration = Duration::from_secs(10 * 60);
/// How long what was replaced is kept unless a person sets another time.
pub const VERSION_TIME: Duration = Duration::from_secs(30 * 24 * 60 * 60);
/// Chunk bytes asked for and not yet arrived, per member.
pub const FETCH_WINDOW_BYTES: u64 = 4 * MIB as u64;
/// Chunks of one member that have begun to arrive and are not whole: twice what is asked for at once.
pub const GATHERED_BYTES: usize = 8 * MIB;
/// Without an asked chunk for this long, another member is asked.
pub const FETCH_TIME: Duration = Duration::from_secs(10);

// Local network

/// Neighbours that are known at once, known contacts not counted: a flood of announcements finds no more room.
pub const LAN_PEERS: usize = 512;
/// Addresses of one neighbour that are tried.
pub const LAN_ADDRESSES: usize = 4;
/// Neighbours that are called at once.
pub const LAN_CALLS: usize = 16;
/// Records of the network's name service that are kept: eight for each neighbour. After that they are forgotten.
pub const LAN_RECORDS: usize = 4_096;
/// How long a device goes by one name on a local network.
pub const LAN_NAME_TIME: Duration = Duration::from_secs(15 * 60);
/// Sockets of callers that have not proven who they are.
pub const LAN_SOCKETS: usize = 64;
/// Such sockets per address.
pub const LAN_SOCKETS_PER_ADDRESS: usize = 4;
/// Bytes that such a caller may send, the request head included.
pub const LAN_BYTES: usize = 8 * KIB;
/// How long such a caller may take for everything.
pub const LAN_TIME: Duration = Duration::from_secs(5);
/// To how many tags the proof of a caller is padded, so that it does not tell how many contacts there are.
pub const LAN_TAGS: [usize; 3] = [16, 64, 256];
/// How long a device tells everybody on the local network its name.
pub const LAN_EVERYONE_TIME: Duration = Duration::from_secs(10 * 60);
/// How often strangers may ask to pair in that time: each one is six words on a person's screen.
pub const LAN_TAPS: usize = 16;
/// How long the device that shows a code is looked for on the local network.
pub const LAN_CODE_TIME: Duration = Duration::from_secs(15);

// Names

/// A file name, in bytes of UTF-8: ext4, APFS and btrfs hold no more.
pub const NAME_BYTES: usize = 255;
/// A file name, in UTF-16 code units: NTFS holds no more.
pub const NAME_UTF16_UNITS: usize = 255;
/// Names in a path.
pub const PATH_DEPTH: usize = 64;
/// A path with separators, in bytes.
pub const PATH_BYTES: usize = 4_096;
/// A device's or contact's display name, in bytes.
pub const DISPLAY_NAME_BYTES: usize = 128;
/// A deep link.
pub const DEEP_LINK_BYTES: usize = 512;
