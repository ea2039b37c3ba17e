import type { Transfer } from '../lib/backend/contract';
import { share } from '../lib/format/amount';
import type { Args } from '../lib/i18n/words.svelte';
import { isOffer, type State } from '../lib/state/state';

/** A sentence for those who do not see what changed. */
export interface Call {
  key: string;
  args: Args;
  urgent: boolean;
}

const MARKS = [25, 50, 75];

/** What to say after a change: quarters rather than every tick; urgent is what asks for an answer. */
export function calls(before: State, now: State): Call[] {
  return [
    ...newOffers(before, now),
    ...newInvitations(before, now),
    ...newConflicts(before, now),
    ...changedKeys(before, now),
    ...progress(before, now),
    ...server(before, now),
  ];
}

function newOffers(before: State, now: State): Call[] {
  const known = new Set(before.transfers.filter(isOffer).map((it) => it.transfer));
  const fresh = now.transfers.filter((it) => isOffer(it) && !known.has(it.transfer));
  return fresh.map((it) => ({
    key: 'call-offer',
    args: { name: it.peer ?? '', what: it.name, more: it.entries - 1 },
    urgent: true,
  }));
}

function newInvitations(before: State, now: State): Call[] {
  return freshInvitations(before, now).map(({ name, from }) => ({
    key: 'call-invitation',
    args: { name: from ?? '', what: name },
    urgent: true,
  }));
}

function newConflicts(before: State, now: State): Call[] {
  return freshConflicts(before, now).map(({ name, conflicts }) => ({
    key: 'call-conflict',
    args: { what: name, count: conflicts },
    urgent: false,
  }));
}

export function freshInvitations(before: State, now: State) {
  if (before.folders === now.folders) return [];
  const known = new Set(before.folders.filter((it) => it.state === 'invited').map((it) => it.folder));
  return now.folders.filter((it) => it.state === 'invited' && !known.has(it.folder));
}

/** Folders with more conflicts than before. */
export function freshConflicts(before: State, now: State) {
  if (before.folderDetails === now.folderDetails) return [];
  return Object.values(now.folderDetails).filter((it) => {
    const old = before.folderDetails[it.folder];
    return old !== undefined && it.conflicts > old.conflicts;
  });
}

function changedKeys(before: State, now: State): Call[] {
  const fresh = now.notices.slice(before.notices.length);
  return fresh.flatMap((it) =>
    it.notice === 'key_changed'
      ? [{ key: 'problem-key_changed-fact', args: { name: it.name }, urgent: true }]
      : [],
  );
}

function progress(before: State, now: State): Call[] {
  if (before.transfers === now.transfers) return [];
  return now.transfers.flatMap((transfer) => {
    const old = before.transfers.find((it) => it.transfer === transfer.transfer);
    return old ? step(old, transfer) : [];
  });
}

function step(old: Transfer, now: Transfer): Call[] {
  const args = { what: now.name, name: now.peer ?? '' };
  if (
    old.state !== now.state &&
    (now.state === 'completed' || now.state === 'failed' || now.state === 'paused')
  ) {
    return [{ key: `call-${now.state}`, args, urgent: false }];
  }
  const [from, to] = [percent(old), percent(now)];
  const mark = MARKS.find((it) => from < it && to >= it);
  return mark === undefined
    ? []
    : [{ key: 'call-progress', args: { ...args, percent: mark }, urgent: false }];
}

function percent(transfer: Transfer): number {
  return share(transfer.bytes, transfer.total_bytes) * 100;
}

function server(before: State, now: State): Call[] {
  const [from, to] = [before.server.state, now.server.state];
  if (from === to || from === 'connecting') return [];
  return to === 'lost' || to === 'ready' ? [{ key: `call-server-${to}`, args: {}, urgent: false }] : [];
}
