import type { Destination } from './command';
import type { ContactView, ItemKind, PathKind, TransferView } from './view';

/**
 * What the screens show and the contract does not say yet. All of it is optional: without it a screen
 * leaves the part out. Move a line to its mirror file as soon as `api` has it.
 */
export type WantedCommand =
  | { command: 'status' }
  | { command: 'nearby' }
  | { command: 'transfer'; action: 'entries'; transfer: string; offset: number; limit: number }
  | { command: 'transfer'; action: 'retry'; transfer: string }
  | { command: 'transfer'; action: 'forget'; transfer: string }
  | { command: 'offer'; action: 'show'; transfer: string }
  | { command: 'contact'; action: 'never_relay'; contact: string; never_relay: boolean };

export type WantedReply =
  | ({ reply: 'status' } & StatusView)
  | { reply: 'nearby'; people: NearbyView[] }
  | { reply: 'entries'; total: number; entries: EntryView[] }
  | ({ reply: 'offer' } & OfferView);

/** What of the pairing and of the server a face must know that was not there when it was told. */
export interface StatusView {
  server:
    { state: 'connecting' | 'ready' | 'none' } | { state: 'lost'; retry_in_s: number } | { state: 'refused' };
  issued_code: { code: string; expires_in_s: number; link: string | null } | null;
  comparison: { words: string; peer: string } | null;
  /** Of sends that wait for whoever says their code. */
  send_codes?: { transfer: string; code: string; expires_in_s: number; link: string | null }[];
}

export interface NearbyView {
  device_id: string;
  name: string;
}

export interface EntryView {
  path: string;
  bytes: number;
  /** Verified so far. */
  done_bytes: number;
  folder: boolean;
}

export interface OfferView {
  transfer: string;
  device: string;
  /** The first five. */
  names: string[];
  /** Those among all names that a system could execute. */
  executable: string[];
  /** `null` while nothing says where. */
  destination: Destination | null;
  free_bytes: number | null;
}

export type Contact = ContactView & {
  path?: PathKind | null;
  searching?: boolean;
  /** Like `2026-11-22T18:05:09Z`. */
  last_seen_at?: string | null;
  verified_at?: string | null;
  /** The six words to compare, as `ComparisonWords` has them. */
  words?: string | null;
  never_relay?: boolean;
};

export type Transfer = TransferView & {
  kind?: ItemKind;
  contact?: string | null;
};
