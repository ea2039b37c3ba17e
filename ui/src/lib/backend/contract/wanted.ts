import type { ContactView, TransferView } from './generated';

/**
 * What the screens show and the contract does not say yet. All of it is optional: without it a screen
 * leaves the part out.
 */
export type WantedCommand = { command: 'nearby' };

export type WantedReply = { reply: 'nearby'; people: NearbyView[] };

export interface NearbyView {
  device_id: string;
  name: string;
}

export type Contact = ContactView;

export type Transfer = TransferView;
