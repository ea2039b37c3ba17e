import type { ContactView, TransferView } from './generated';

/**
 * What the screens show and the contract does not say yet. All of it is optional: without it a screen
 * leaves the part out.
 */
export type WantedCommand = { command: 'nearby' };

export type WantedReply =
  { reply: 'nearby'; people: NearbyView[] } | { reply: 'entries'; total: number; entries: EntryView[] };

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

export type Contact = ContactView;

export type Transfer = TransferView;
