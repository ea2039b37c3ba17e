import type { Existing } from './command';
import type { ErrorCode } from './error';
import type { ItemKind, PathKind, PauseReason, SettingProblem } from './view';

/** What the engine tells, past tense. Unknown events and fields are ignored. */
export type Event =
  | ServerEvent
  | PairingEvent
  | ContactEvent
  | DeviceEvent
  | TransferEvent
  | ReceiptEvent
  | ({ event: 'setting_problem' } & SettingProblem);

export type ServerEvent =
  | { event: 'ready' }
  | { event: 'server_lost'; retry_in_s: number }
  | { event: 'server_refused'; message: string };

export type PairingEvent =
  | { event: 'code_issued'; code: string; expires_in_s: number; link: string | null }
  | { event: 'comparison_words'; words: string; peer: string }
  | { event: 'pairing_failed'; code: ErrorCode; message: string };

export type ContactEvent =
  | { event: 'contact_added'; contact: string; name: string; verified: boolean }
  | { event: 'key_changed'; contact: string; name: string }
  | { event: 'contact_muted'; contact: string; name: string; seconds: number }
  | { event: 'contact_copied'; contact: string; name: string }
  | { event: 'contact_connected'; contact: string; path: PathKind | null };

export type DeviceEvent =
  | { event: 'identity_copied'; replaced: boolean }
  | { event: 'device_added'; contact: string | null; name: string; device_id: string }
  | { event: 'device_revoked'; contact: string | null; name: string; device_id: string }
  | { event: 'this_device_revoked'; name: string; device_id: string; message: string }
  | { event: 'device_ready'; name: string; contacts: number | null };

export type TransferEvent =
  | { event: 'transfer_added'; transfer: string; entries: number; bytes: number }
  | {
      event: 'offer_received';
      transfer: string;
      from: string;
      name: string;
      entries: number;
      bytes: number;
      kind: ItemKind;
    }
  | {
      event: 'offer_accepted_by_rule';
      transfer: string;
      contact: string;
      from: string;
      name: string;
      entries: number;
      bytes: number;
      folder: string;
    }
  | {
      event: 'transfer_progress';
      transfer: string;
      bytes: number;
      total_bytes: number;
      rate_bytes_per_s: number;
      eta_s: number | null;
      path: PathKind;
    }
  | { event: 'transfer_queued'; transfer: string; ahead: number }
  | { event: 'transfer_paused'; transfer: string; reason: PauseReason }
  | { event: 'transfer_resumed'; transfer: string }
  | { event: 'entry_skipped'; transfer: string; path: string; reason: SkipReason }
  | { event: 'name_taken'; transfer: string; path: string; outcome: NameOutcome; name: string }
  | ({ event: 'preflight_problem'; transfer: string; path: string | null } & Problem)
  | { event: 'files_unchanged'; transfer: string; files: number }
  | {
      event: 'transfer_completed';
      transfer: string;
      entries: number;
      bytes: number;
      digest: string;
      path: PathKind;
      seconds: number;
      resent_bytes: number;
      carried_bytes?: number;
      skipped: number;
    }
  | { event: 'text_received'; transfer: string; from: string; text: string }
  | { event: 'transfer_failed'; transfer: string; code: ErrorCode; message: string };

export type ReceiptEvent =
  | { event: 'entry_checksum'; transfer: string; path: string; sha256: string }
  | { event: 'receipt_ready'; transfer: string }
  | { event: 'receipt_failed'; transfer: string; message: string };

/** What is found before any data moves. */
export type Problem =
  | { problem: 'left_out'; reason: SkipReason }
  | { problem: 'renamed'; name: string }
  | { problem: 'taken'; existing: Existing }
  | { problem: 'no_space'; missing_bytes: number }
  | { problem: 'more'; entries: number };

export type NameOutcome = 'kept_both' | 'replaced' | 'renamed';

export type SkipReason =
  | 'link'
  | 'special'
  | 'name'
  | 'clash'
  | 'too_long'
  | 'name_refused'
  | 'program_refused'
  | 'unreadable'
  | 'gone'
  | 'kind_changed'
  | 'keeps_changing'
  | 'changed_resent';
