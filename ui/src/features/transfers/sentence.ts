import type { Transfer } from '../../lib/backend/contract';
import { t, type Args } from '../../lib/i18n/words.svelte';
import type { Live } from '../../lib/state/state';

/** Where a transfer stands, in words. */
export function sentenceOf(transfer: Transfer, live: Live): { key: string; args: Args } {
  const args = { name: transfer.peer ?? t('somebody'), path: t(`path-${transfer.path ?? 'searching'}`) };
  return { key: `transfer-${momentOf(transfer)}`, args: { ...args, ...queueArgs(live) } };
}

function momentOf(transfer: Transfer): string {
  switch (transfer.state) {
    case 'active':
      return activity(transfer);
    case 'paused':
      return `paused-${transfer.reason.replaceAll('_', '-')}`;
    case 'waiting_for_peer':
      return transfer.peer === null ? 'waiting-for-code' : 'waiting-for-peer';
    case 'completed':
      return transfer.direction === 'incoming' ? 'received' : 'delivered';
    case 'failed':
      return transfer.code === 'cancelled' ? 'cancelled' : 'failed';
    case 'preparing':
    case 'queued':
      return transfer.state;
    case 'waiting_for_answer':
      return 'waiting-for-answer';
  }
}

function activity(transfer: Transfer): string {
  if (transfer.bytes === 0) return transfer.direction === 'incoming' ? 'checking-here' : 'checking';
  if (transfer.total_bytes > 0 && transfer.bytes >= transfer.total_bytes) return 'verifying';
  return transfer.direction === 'incoming' ? 'receiving' : 'sending';
}

function queueArgs(live: Live): Args {
  return { ahead: live.ahead };
}
