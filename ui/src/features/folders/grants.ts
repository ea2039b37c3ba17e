import type { Contact, FolderCommand, FolderMemberView, FolderRole } from '../../lib/backend/contract';

/** What somebody who is let in may do. */
export type Wish = 'change' | 'read';

/** A person in a folder, with all devices of theirs that belong to it. */
export interface Person {
  /** Names them in lists. */
  id: string;
  name: string;
  /** `null` of somebody who is no contact: only whoever knows them can change what they may do. */
  contact: string | null;
  role: FolderRole;
  this: boolean;
  connected: boolean;
  inStep: boolean;
  devices: number;
}

const RANK: FolderRole[] = ['owner', 'admin', 'change', 'read'];

/** Devices of one person stand for that person once. */
export function peopleOf(members: FolderMemberView[], contacts: Contact[]): Person[] {
  const people = new Map<string, Person>();
  for (const member of members) {
    const contact = contacts.find((it) => it.devices.some((device) => device.device_id === member.device_id));
    const id = contact?.contact ?? member.device_id;
    const known = people.get(id);
    if (!known) {
      people.set(id, {
        id,
        name: contact?.name ?? member.name,
        contact: contact?.contact ?? null,
        role: member.role,
        this: member.this,
        connected: member.connected,
        inStep: member.in_step,
        devices: 1,
      });
      continue;
    }
    known.devices += 1;
    known.connected ||= member.connected;
    known.inStep ||= member.in_step;
    if (RANK.indexOf(member.role) < RANK.indexOf(known.role)) known.role = member.role;
  }
  return [...people.values()];
}

/** What is to be asked so that these people belong to a folder. */
export function grantsOf(folder: string, wishes: Record<string, Wish>): FolderCommand[] {
  const roles: Wish[] = ['change', 'read'];
  return roles.flatMap((role) => {
    const members = Object.keys(wishes).filter((it) => wishes[it] === role);
    return members.length > 0 ? [{ action: 'grant', folder, members, role }] : [];
  });
}
