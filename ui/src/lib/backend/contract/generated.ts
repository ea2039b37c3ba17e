// Made from crates/api, which has the words: WHERRY_WRITE_BINDINGS=1 cargo test -p api bindings

export type PathKind = "local" | "direct" | "relay";

export type RelayWish = "automatic" | "never" | "only";

export type Existing = "keep-both" | "skip" | "replace";

export type ReceiveRule = { accept: boolean | null, ceiling_bytes: number | null, executables: boolean | null, into: string | null, existing: Existing | null, };

export type Command = { "command": "go_online" } | { "command": "status" } | { "command": "examine", 
contact: string | null, } | { "command": "identity" } & IdentityCommand | { "command": "send" } & SendCommand | { "command": "receive" } & ReceiveCommand | { "command": "offer" } & OfferCommand | { "command": "pairing" } & PairingCommand | { "command": "nearby" } & NearbyCommand | { "command": "contact" } & ContactCommand | { "command": "group" } & GroupCommand | { "command": "folder" } & FolderCommand | { "command": "rule" } & RuleCommand | { "command": "transfer" } & TransferCommand | { "command": "receipt" } & ReceiptCommand | { "command": "history" } & HistoryCommand | { "command": "setting" } & SettingCommand | { "command": "link" } & LinkCommand;

export type CommandError = { code: ErrorCode, message: string, };

export type Comparison = { words: string, peer: string, };

export type ContactCommand = { "action": "list" } | { "action": "rename", 
contact: string, 
name: string, } | { "action": "remove", 
contact: string, } | { "action": "block", 
contact: string, 
blocked: boolean, } | { "action": "mute", 
contact: string, 
muted: boolean, } | { "action": "relay", 
contact: string, 
wish: RelayWish | null, } | { "action": "verify", 
contact: string, 
verified: boolean, };

export type ContactView = { 
contact: string, 
name: string, 
verified: boolean, 
blocked: boolean, 
verified_at: string | null, 
muted: boolean, 
muted_for_s: number | null, 
key_changed: boolean, 
words: string, 
devices: Array<DeviceView>, 
connected: boolean, 
here: boolean, 
last_seen_at: string | null, 
path: PathKind | null, 
searching: boolean, 
relay: RelayWish | null, };

export type ContentsView = { 
entries: number, 
files: number, 
bytes: number, 
skipped: number, 
digest: string, 
sums: string | null, };

export type Destination = { "folder": string } | "standard_output";

export type DeviceView = { device_id: string, name: string, this: boolean, connected: boolean, };

export type EntryState = "waiting" | "moving" | "done" | "left_out";

export type EntryView = { path: string, folder: boolean, bytes: number, state: EntryState, };

export type ErrorCode = "internal" | "usage" | "declined" | "wrong_code" | "expired_code" | "too_many_attempts" | "pairing_stopped" | "unknown_contact" | "unknown_transfer" | "contact_offline" | "server_unreachable" | "server_refused" | "no_path" | "relay_budget" | "peer_violation" | "integrity" | "disk_full" | "destination_unwritable" | "source_unreadable" | "source_changed" | "bad_name" | "cancelled" | "home_busy" | "home_unusable" | "identity_copied" | "timed_out";

export type Event = { "event": "ready" } | { "event": "server_lost", 
retry_in_s: number, } | { "event": "server_refused", 
message: string, } | { "event": "hosting", 
urls: Array<string>, } | { "event": "hosting_failed", 
message: string, } | { "event": "setting_problem" } & SettingProblem | { "event": "code_issued", 
code: string, 
expires_in_s: number, 
link: string | null, } | { "event": "nearby_changed", 
nearby: Array<NearbyView>, } | { "event": "visible", 
seconds: number, } | { "event": "comparison_words", 
words: string, 
peer: string, } | { "event": "contact_added", 
contact: string, 
name: string, 
verified: boolean, } | { "event": "key_changed", 
contact: string, 
name: string, } | { "event": "contact_muted", 
contact: string, 
name: string, 
seconds: number, } | { "event": "device_added", 
contact: string | null, 
name: string, 
device_id: string, } | { "event": "device_revoked", 
contact: string | null, 
name: string, 
device_id: string, } | { "event": "this_device_revoked", 
name: string, 
device_id: string, 
message: string, } | { "event": "device_ready", 
name: string, 
contacts: number | null, } | { "event": "identity_copied", 
replaced: boolean, } | { "event": "contact_copied", 
contact: string, 
name: string, } | { "event": "pairing_failed", 
code: ErrorCode, 
message: string, } | { "event": "contact_here", 
contact: string, 
here: boolean, } | { "event": "contact_connected", 
contact: string, 
path: PathKind | null, } | { "event": "folder" } & FolderEvent | { "event": "transfer_added", 
transfer: string, 
entries: number, 
bytes: number, } | { "event": "offer_received", 
transfer: string, 
from: string, 
name: string, 
entries: number, 
bytes: number, 
kind: ItemKind, } | { "event": "offer_accepted_by_rule", 
transfer: string, 
contact: string, 
from: string, 
name: string, 
entries: number, 
bytes: number, 
folder: string, } | { "event": "transfer_progress", 
transfer: string, 
bytes: number, 
total_bytes: number, 
rate_bytes_per_s: number, 
eta_s: number | null, 
path: PathKind, } | { "event": "transfer_queued", 
transfer: string, 
ahead: number, } | { "event": "transfer_paused", 
transfer: string, 
reason: PauseReason, } | { "event": "transfer_resumed", 
transfer: string, } | { "event": "entry_skipped", 
transfer: string, 
path: string, 
reason: SkipReason, } | { "event": "name_taken", 
transfer: string, 
path: string, 
outcome: NameOutcome, 
name: string, } | { "event": "preflight_problem", 
transfer: string, 
path: string | null, } & ({ "problem": "left_out", 
reason: SkipReason, } | { "problem": "renamed", 
name: string, } | { "problem": "taken", 
existing: Existing, } | { "problem": "no_space", 
missing_bytes: number, } | { "problem": "more", 
entries: number, }) | { "event": "files_unchanged", 
transfer: string, 
files: number, } | { "event": "transfer_completed", 
transfer: string, 
entries: number, 
bytes: number, 
digest: string, 
path: PathKind, 
seconds: number, 
carried_bytes: number, 
resent_bytes: number, 
skipped: number, } | { "event": "text_received", 
transfer: string, 
from: string, 
text: string, } | { "event": "entry_checksum", 
transfer: string, 
path: string, 
sha256: string, } | { "event": "receipt_ready", 
transfer: string, } | { "event": "receipt_failed", 
transfer: string, 
message: string, } | { "event": "transfer_failed", 
transfer: string, 
code: ErrorCode, 
message: string, };

export type FiguresView = { path: PathKind, seconds: number, resent_bytes: number, skipped: number, };

export type Finding = { 
topic: Topic, 
verdict: Verdict, 
case: FindingCase, 
value: number | null, 
fact: string, 
consequence: string | null, 
advice: string | null, };

export type FindingCase = "both_families" | "only_v4" | "only_v6" | "no_address" | "lan_open" | "lan_closed" | "lan_shut" | "multicast_answered" | "multicast_unanswered" | "multicast_blocked" | "no_proxy" | "http_proxy_set" | "socks_proxy_set" | "http_proxy_found" | "socks_proxy_found" | "no_server" | "server_answers" | "server_unreachable" | "server_behind_proxy" | "server_not_trusted" | "server_not_ours" | "clock_agrees" | "clock_ahead" | "clock_behind" | "clock_far_ahead" | "clock_far_behind" | "udp_works" | "no_stun_server" | "udp_blocked" | "no_nat" | "nat_one_address" | "nat_symmetric" | "nat_unknown" | "filter_open" | "filter_address" | "filter_port" | "relay_reached" | "relay_not_reached" | "relay_unwanted" | "relay_unknown" | "no_relay" | "no_relay_reached" | "contact_direct" | "contact_relayed" | "contact_blocked" | "contact_unknown" | "contact_away" | "contact_here" | "contact_no_path" | "contact_no_path_unwanted" | "contact_no_path_no_relay";

export type GroupCommand = { "action": "list" } | { "action": "create", 
group: string, 
members: Array<string>, } | { "action": "rename", 
group: string, 
name: string, } | { "action": "remove", 
group: string, } | { "action": "add", 
group: string, 
members: Array<string>, } | { "action": "drop", 
group: string, 
members: Array<string>, };

export type GroupView = { name: string, members: string[], };

export type HistoryCommand = { "action": "search", 
search: string | null, 
with: string | null, 
since_s: number | null, 
limit: number, } | { "action": "clear" };

export type HistoryView = { 
transfer: string, 
direction: TransferDirection, 
peer: string, 
kind: ItemKind, 
names: string[], 
entries: number, 
bytes: number, 
ended_at: string, 
code: ErrorCode | null, 
figures: FiguresView | null, };

export type IdentityCommand = { "action": "show" } | { "action": "add_device" } | { "action": "join", 
code: string, } | { "action": "devices" } | { "action": "revoke", 
device: string, } | { "action": "export", 
file: string, 
passphrase: Passphrase, } | { "action": "import", 
file: string, 
passphrase: Passphrase, } | { "action": "renew" };

export type IdentityView = { device_id: string, name: string, };

export type IssuedCode = { code: string, expires_in_s: number, link: string | null, };

export type ItemKind = "files" | "text";

export type LinkAim = "receive" | "pair";

export type LinkCommand = { "action": "parse", text: string, };

export type LinkView = { 
aim: LinkAim | null, 
code: string, 
server: string | null, 
server_in_force: string | null, 
is_other_server: boolean, };

export type NameOutcome = "kept_both" | "replaced" | "renamed";

export type NearbyCommand = { "action": "look" } | { "action": "look_away" } | { "action": "show" } | { "action": "hide" } | { "action": "tap", 
id: string, };

export type NearbyView = { id: string, name: string, address: string, contact: string | null, };

export type OfferCommand = { "action": "show", transfer: string, };

export type OfferView = { 
transfer: string, 
device: string, 
files: number, 
names: string[], 
executable: string[], 
destination: Destination | null, 
free_bytes: number | null, };

export type OnProblem = "go_on" | "ask" | "stop";

export type PairingCommand = { "action": "issue" } | { "action": "claim", 
code: string, } | { "action": "claim_at", 
code: string, 
address: string, } | { "action": "replace", 
contact: string, } | { "action": "decide", 
add: boolean, 
compared: boolean, };

export type PartyView = { device_id: string, name: string, time: string, };

export type Passphrase = string;

export type PauseReason = "here" | "there" | "disk_full" | "disk_failed" | "problem" | "peer_offline" | "stalled" | "relay_budget";

export type PresenceView = { connected: boolean, here: boolean, last_seen_at: string | null, };

export type Priority = "high" | "normal" | "low";

export type Problem = { "problem": "left_out", 
reason: SkipReason, } | { "problem": "renamed", 
name: string, } | { "problem": "taken", 
existing: Existing, } | { "problem": "no_space", 
missing_bytes: number, } | { "problem": "more", 
entries: number, };

export type QueueEnd = "first" | "last";

export type ReceiptCommand = { "action": "list" } | { "action": "show", 
transfer: string, } | { "action": "contents", 
transfer: string, } | { "action": "remove", 
transfer: string, };

export type ReceiptView = { 
transfer: string, 
title: string, 
sender: PartyView, 
receiver: PartyView, 
entries: number, 
files: number, 
bytes: number, 
skipped: number, 
digest: string, 
sums: string | null, };

export type ReceiveCommand = { "action": "by_code", 
code: string, 
destination: Destination, 
accept: boolean, 
wishes: Wishes, } | { "action": "from_contacts", 
destination: Destination, 
accept: boolean, 
wishes: Wishes, } | { "action": "answer", 
transfer: string, 
destination: Destination | null, 
wishes: Wishes, };

export type Reply = { "reply": "done" } | { "reply": "status" } & StatusView | { "reply": "offer" } & OfferView | { "reply": "location", 
folder: string, 
things: string[], 
could_run: boolean, } | { "reply": "transfer", 
transfer: string, } | { "reply": "sent", 
transfers: Array<SentTransfer>, } | { "reply": "groups", 
groups: Array<GroupView>, } | { "reply": "rules", 
rules: Array<RuleView>, } | { "reply": "contacts", 
contacts: Array<ContactView>, } | { "reply": "contact", 
contact: string, } | { "reply": "transfers", 
transfers: Array<TransferView>, } | { "reply": "entries", 
total: number, 
entries: Array<EntryView>, } | { "reply": "receipts", 
receipts: Array<ReceiptView>, } | { "reply": "receipt", 
receipt: ReceiptView, 
encoded: string, 
list: string, } | { "reply": "receipt_list", 
list: string, } | { "reply": "history", 
transfers: Array<HistoryView>, } | { "reply": "forgotten", 
transfers: number, } | { "reply": "identity" } & IdentityView | { "reply": "devices", 
devices: Array<DeviceView>, } | { "reply": "folders", 
folders: Array<FolderView>, } | { "reply": "folder", 
folder: string, 
name: string, } | { "reply": "folder_detail" } & FolderDetail | { "reply": "folder_conflicts", 
conflicts: Array<ConflictView>, } | { "reply": "folder_files", 
total: number, 
files: Array<FolderFileView>, } | { "reply": "folder_comparison", 
present: ContentView, 
kept: ContentView, } | { "reply": "folder_versions", 
versions: Array<VersionView>, } | { "reply": "folder_rules", 
lines: Array<string>, } | { "reply": "link" } & LinkView | { "reply": "findings", 
findings: Array<Finding>, } | { "reply": "settings", 
settings: Array<SettingView>, 
problems: Array<SettingProblem>, };

export type RouteView = { path: PathKind | null, searching: boolean, relay: RelayWish | null, };

export type RuleCommand = { "action": "list" } | { "action": "set", 
contact: string | null, 
rule: ReceiveRule, } | { "action": "clear", 
contact: string | null, };

export type RuleSuspension = "not_verified" | "key_changed" | "muted" | "blocked";

export type RuleView = { 
contact: string | null, 
name: string | null, 
rule: ReceiveRule, 
suspended: RuleSuspension | null, };

export type SendCode = { transfer: string, code: string, expires_in_s: number, link: string | null, };

export type SendCommand = { "action": "to_contacts", 
recipients: Array<string>, 
sources: SendSources, 
options: SendOptions, } | { "action": "by_code", 
sources: SendSources, 
options: SendOptions, };

export type SendOptions = { 
checksums: boolean, 
device: string | null, 
priority: Priority, 
limit_bytes_per_s: number | null, 
on_problem: OnProblem, };

export type SendSources = { "paths": string[] } | { "text": string } | { "standard_input": { name: string, } };

export type SentTransfer = { transfer: string, contact: string, name: string, };

export type ServerState = { "state": "none" } | { "state": "connecting" } | { "state": "ready" } | { "state": "lost", 
retry_in_s: number, } | { "state": "refused" };

export type SettingCommand = { "action": "list" } | { "action": "reload" } | { "action": "use_for_now", 
key: string, 
value: string, } | { "action": "change", 
key: string, 
value: string | null, };

export type SettingProblem = { key: string | null, message: string, blocks: boolean, };

export type SettingSource = "policy" | "flag" | "environment" | "file" | "default";

export type SettingView = { 
key: string, 
value: string | null, 
source: SettingSource, 
locked: boolean, 
default: string, 
allowed: string, 
about: string, 
environment: string, 
flag: string | null, };

export type SkipReason = "link" | "special" | "name" | "clash" | "too_long" | "unreadable" | "gone" | "kind_changed" | "keeps_changing" | "name_refused" | "program_refused" | "changed_resent";

export type StatusView = { 
server: ServerState, 
issued_code: IssuedCode | null, 
comparison: Comparison | null, 
send_codes: Array<SendCode>, 
visible_s: number, 
hosting: Array<string>, };

export type Topic = "addresses" | "local_network" | "multicast" | "proxy" | "server" | "clock" | "udp" | "nat" | "nat_filter" | "relay_udp" | "relay_tcp" | "relay_tls" | "relay" | "contact";

export type TransferCommand = { "action": "list" } | { "action": "entries", 
transfer: string, 
offset: number, 
limit: number, } | { "action": "retry", 
transfer: string, } | { "action": "forget", 
transfer: string, } | { "action": "locate", 
transfer: string, } | { "action": "pause", 
transfer: string, } | { "action": "resume", 
transfer: string, } | { "action": "cancel", 
transfer: string, } | { "action": "pause_all" } | { "action": "resume_all" } | { "action": "cancel_all" } | { "action": "prioritize", 
transfer: string, 
priority: Priority, } | { "action": "move", 
transfer: string, 
to: QueueEnd, } | { "action": "limit", 
transfer: string, 
bytes_per_s: number | null, };

export type TransferDirection = "outgoing" | "incoming";

export type TransferState = { "state": "preparing" } | { "state": "waiting_for_peer" } | { "state": "queued" } | { "state": "waiting_for_answer" } | { "state": "active" } | { "state": "paused", 
reason: PauseReason, } | { "state": "completed" } | { "state": "failed", 
code: ErrorCode, };

export type TransferView = { 
transfer: string, 
direction: TransferDirection, 
contact: string | null, 
peer: string | null, 
name: string, 
kind: ItemKind, 
entries: number, 
bytes: number, 
total_bytes: number, 
path: PathKind | null, 
turn: TurnView | null, } & ({ "state": "preparing" } | { "state": "waiting_for_peer" } | { "state": "queued" } | { "state": "waiting_for_answer" } | { "state": "active" } | { "state": "paused", 
reason: PauseReason, } | { "state": "completed" } | { "state": "failed", 
code: ErrorCode, });

export type TurnView = { priority: Priority, limit_bytes_per_s: number | null, };

export type Verdict = "good" | "limited" | "bad" | "unknown";

export type VersionView = { version: string, path: string, replaced_ms: number, bytes: number, };

export type Wishes = { keep_texts: boolean, checksums: boolean, existing: Existing | null, };

export type ConflictChoice = "present" | "copy" | "both";

export type ConflictSide = { by: string | null, this: boolean, modified_ms: number | null, bytes: number | null, };

export type ConflictView = { copy: string, path: string, present: ConflictSide, kept: ConflictSide, };

export type ContentView = { "content": "text", 
text: string, 
cut: boolean, } | { "content": "image", 
media: string, 
data: string, } | { "content": "unshown" } | { "content": "nothing" };

export type FolderAction = { "wish": "status" } | { "wish": "files", 
offset: number, 
limit: number, } | { "wish": "conflicts" } | { "wish": "compare", 
copy: string, } | { "wish": "decide", 
copy: string | null, 
choice: ConflictChoice, } | { "wish": "versions" } | { "wish": "restore", 
version: string, 
to: string | null, } | { "wish": "ignore", 
add: Array<string>, 
remove: Array<string>, } | { "wish": "allow_deletions" } | { "wish": "refuse_deletions" } | { "wish": "revert" } | { "wish": "override" };

export type FolderCommand = { "action": "list" } | { "action": "share", 
place: string, 
name: string | null, 
with: Array<string>, 
read_only: boolean, 
ignore: Array<string>, } | { "action": "accept", 
folder: string, 
place: string, } | { "action": "decline", 
folder: string, } | { "action": "pause", 
folder: string, } | { "action": "resume", 
folder: string, } | { "action": "direct", 
folder: string, 
direction: FolderDirection, } | { "action": "remove", 
folder: string, } | { "action": "grant", 
folder: string, 
members: Array<string>, 
role: FolderRole, } | { "action": "drop", 
folder: string, 
members: Array<string>, } | { "action": "inside", 
folder: string, 
wish: FolderAction, };

export type FolderDetail = { 
folder: string, 
name: string, 
direction: FolderDirection, 
files: number, 
behind: number, 
behind_bytes: number, 
conflicts: number, 
local_changes: number, 
deletions: number, 
members: Array<FolderMemberView>, 
notes: Array<FolderNote>, } & ({ "state": "invited" } | { "state": "paused" } | { "state": "looking" } | { "state": "syncing" } | { "state": "up_to_date" } | { "state": "removed" } | { "state": "stopped", 
code: ErrorCode, });

export type FolderDirection = "both" | "send_only" | "receive_only";

export type FolderEvent = { "what": "invited", 
folder: string, 
name: string, 
from: string, } | { "what": "state", 
folder: string, 
name: string, } & ({ "state": "invited" } | { "state": "paused" } | { "state": "looking" } | { "state": "syncing" } | { "state": "up_to_date" } | { "state": "removed" } | { "state": "stopped", 
code: ErrorCode, }) | { "what": "conflict", 
folder: string, 
name: string, 
path: string, 
copy: string, } | { "what": "edit_outlived", 
folder: string, 
name: string, 
path: string, } | { "what": "many_deletions", 
folder: string, 
name: string, 
count: number, } | { "what": "change_stays_here", 
folder: string, 
name: string, 
path: string, } | { "what": "not_held", 
folder: string, 
name: string, 
path: string, } | { "what": "taken_back", 
folder: string, 
name: string, 
path: string, } | { "what": "members_changed", 
folder: string, 
name: string, } | { "what": "removed", 
folder: string, 
name: string, } | { "what": "note", 
folder: string, 
name: string, } & ({ "note": "watch_limit" } | { "note": "not_watched", 
reason: string, } | { "note": "bad_rules", 
line: number | null, } | { "note": "disk_full" } | { "note": "stopped", 
reason: string, } | { "note": "left_out", 
count: number, 
first: string, });

export type FolderFileState = "here" | "coming" | "going" | "stays_here";

export type FolderFileView = { path: string, folder: boolean, bytes: number, state: FolderFileState, };

export type FolderMemberView = { 
device_id: string, 
name: string, 
role: FolderRole, 
this: boolean, 
connected: boolean, 
in_step: boolean, };

export type FolderNote = { "note": "watch_limit" } | { "note": "not_watched", 
reason: string, } | { "note": "bad_rules", 
line: number | null, } | { "note": "disk_full" } | { "note": "stopped", 
reason: string, } | { "note": "left_out", 
count: number, 
first: string, };

export type FolderRole = "owner" | "admin" | "change" | "read";

export type FolderState = { "state": "invited" } | { "state": "paused" } | { "state": "looking" } | { "state": "syncing" } | { "state": "up_to_date" } | { "state": "removed" } | { "state": "stopped", 
code: ErrorCode, };

export type FolderView = { 
folder: string, 
name: string, 
place: string | null, 
members: string[], 
role: FolderRole, 
from: string | null, } & ({ "state": "invited" } | { "state": "paused" } | { "state": "looking" } | { "state": "syncing" } | { "state": "up_to_date" } | { "state": "removed" } | { "state": "stopped", 
code: ErrorCode, });
