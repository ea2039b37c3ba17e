import type { Contact, GroupView } from '../../lib/backend/contract';
import type { Recipient } from '../sending/sending.svelte';

/** Those of `contacts` that may be sent to. */
export function reachable(contacts: Contact[]): Recipient[] {
  return contacts.filter(maySendTo).map((it) => ({ id: it.contact, name: it.name, online: it.here }));
}

/** A blocked person, or one whose key changed, gets nothing until that is settled. */
export function maySendTo(contact: Contact): boolean {
  return !contact.blocked && !contact.key_changed;
}

export function membersOf(group: GroupView, contacts: Contact[]): Contact[] {
  return contacts.filter((it) => group.members.includes(it.name));
}
