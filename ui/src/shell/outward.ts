import type { SystemNotice } from '../lib/backend/backend';
import type { Transfer } from '../lib/backend/contract';
import { formatPercent } from '../lib/format/amount';
import { named, t, words } from '../lib/i18n/words.svelte';
import { isOffer, isUnfinished, type State } from '../lib/state/state';
import { freshConflicts, freshInvitations } from './calls';
import { totalOf } from '../features/transfers/figures';

/** What the system tells whoever does not look at the window: what needs an answer, and what ended. */
export function noticesOf(before: State, now: State): SystemNotice[] {
  return [
    ...offers(before, now),
    ...endings(before, now),
    ...questions(before, now),
    ...folders(before, now),
  ];
}

/** One line for the icon beside the clock, empty while nothing is to be told. */
export function statusOf(state: State): string {
  const unfinished = state.transfers.filter(isUnfinished);
  if (unfinished.length === 0) return '';
  const total = totalOf(unfinished, state.live);
  const count = t('dock-count', { count: unfinished.length, moving: total.moving });
  const percent = formatPercent(total.bytes, total.whole, words.figures);
  return total.moving > 0 ? t('tray-status', { count, percent }) : count;
}

function offers(before: State, now: State): SystemNotice[] {
  const known = new Set(before.transfers.filter(isOffer).map((it) => it.transfer));
  const fresh = now.transfers.filter((it) => isOffer(it) && !known.has(it.transfer));
  return fresh.map((it) => {
    const args = { name: it.peer ?? t('somebody'), what: it.name, more: it.entries - 1 };
    return noticeOf(t('call-offer', args), t('notice-offer'), it.transfer);
  });
}

function endings(before: State, now: State): SystemNotice[] {
  if (before.transfers === now.transfers) return [];
  const unfinished = new Set(before.transfers.filter(isUnfinished).map((it) => it.transfer));
  return now.transfers.filter((it) => unfinished.has(it.transfer)).flatMap(endingOf);
}

function endingOf(transfer: Transfer): SystemNotice[] {
  const who = { name: transfer.peer ?? t('somebody'), path: '' };
  if (transfer.state === 'completed') {
    const key = transfer.direction === 'incoming' ? 'transfer-received' : 'transfer-delivered';
    return [noticeOf(transfer.name, t(key, who), transfer.transfer)];
  }
  if (transfer.state !== 'failed' || transfer.code === 'cancelled') return [];
  return [
    noticeOf(transfer.name, t(`problem-${transfer.code}-fact`, named(transfer.peer)), transfer.transfer),
  ];
}

function questions(before: State, now: State): SystemNotice[] {
  const { comparison } = now.pairing;
  const notices = now.notices
    .slice(before.notices.length)
    .flatMap((it) => (it.notice === 'key_changed' ? [keyChanged(it.name)] : []));
  if (!comparison || before.pairing.comparison) return notices;
  return [...notices, noticeOf(t('compare-title', { name: comparison.peer }), t('compare-text'), null)];
}

function folders(before: State, now: State): SystemNotice[] {
  const invitations = freshInvitations(before, now).map(({ name, from }) =>
    noticeOf(t('call-invitation', { name: from ?? t('somebody'), what: name }), t('notice-invitation'), null),
  );
  const conflicts = freshConflicts(before, now).map(({ name, conflicts }) =>
    noticeOf(t('call-conflict', { what: name, count: conflicts }), t('notice-conflict'), null),
  );
  return [...invitations, ...conflicts];
}

function keyChanged(name: string): SystemNotice {
  return noticeOf(
    t('problem-key_changed-fact', { name }),
    t('problem-key_changed-consequence', { name }),
    null,
  );
}

function noticeOf(title: string, body: string, transfer: string | null): SystemNotice {
  return { title, body, label: t('notice-show'), transfer };
}
