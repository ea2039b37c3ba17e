import type { Contact, PathKind, Transfer } from './backend/contract';

/** How a line between two devices looks: its form alone tells the path. */
export type LineForm = 'local' | 'direct' | 'relay' | 'searching' | 'here' | 'offline';

export function lineOfContact(contact: Contact): LineForm {
  if (contact.blocked) return 'offline';
  if (contact.connected) return contact.path ?? 'direct';
  if (contact.searching) return 'searching';
  return contact.here ? 'here' : 'offline';
}

/** None where it is over and nobody knows the way that it went. */
export function lineOfTransfer(transfer: Transfer): LineForm | null {
  if (transfer.state === 'paused' && transfer.reason === 'peer_offline') return 'offline';
  if (transfer.path) return transfer.path;
  if (transfer.state === 'completed') return null;
  return transfer.state === 'failed' || transfer.state === 'waiting_for_peer' ? 'offline' : 'searching';
}

export function lineOfPath(path: PathKind | null): LineForm {
  return path ?? 'offline';
}
