import type { Contact } from '../../lib/backend/contract';
import { formatDay } from '../../lib/format/moment';
import { words, type Args } from '../../lib/i18n/words.svelte';

/** The one thing to know about a person. */
export interface Standing {
  key: string;
  args: Args;
  tone: 'quiet' | 'warn' | 'danger';
}

export function standing(contact: Contact, now: number): Standing {
  if (contact.key_changed) return { key: 'standing-key-changed', args: {}, tone: 'danger' };
  if (contact.blocked) return { key: 'standing-blocked', args: {}, tone: 'quiet' };
  if (contact.muted) return { key: 'standing-muted', args: {}, tone: 'quiet' };
  const online = contact.devices.filter((it) => it.connected);
  const [device] = online;
  if (!contact.here && contact.last_seen_at) {
    const day = formatDay(contact.last_seen_at, now, words.figures);
    return { key: 'standing-last-here', args: { day }, tone: 'quiet' };
  }
  if (!contact.verified) return { key: 'standing-not-compared', args: {}, tone: 'warn' };
  if (contact.devices.length > 1 && device)
    return { key: 'standing-device', args: { device: device.name }, tone: 'quiet' };
  if (!contact.verified_at) return { key: 'standing-compared', args: {}, tone: 'quiet' };
  const day = formatDay(contact.verified_at, now, words.figures);
  return { key: 'standing-compared-on', args: { day }, tone: 'quiet' };
}
