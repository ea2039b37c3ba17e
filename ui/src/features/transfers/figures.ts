import type { Transfer } from '../../lib/backend/contract';
import { formatBytes, formatPart, formatRate } from '../../lib/format/amount';
import { calmDuration } from '../../lib/format/moment';
import { t, words } from '../../lib/i18n/words.svelte';
import type { Live } from '../../lib/state/state';

/** `620 of 1,000 MB`. */
export function amountOf({ bytes, total_bytes, state }: Transfer): string {
  if (total_bytes === 0) return bytes === 0 ? '' : formatBytes(bytes, words.figures);
  if (state === 'completed' || bytes === 0) return formatBytes(total_bytes, words.figures);
  return t('amount', formatPart(bytes, total_bytes, words.figures));
}

/** `112 MB/s, about 3 minutes left`. */
export function paceOf(rate: number, etaSeconds: number | null): string {
  if (rate === 0) return '';
  const speed = formatRate(rate, words.figures);
  if (etaSeconds === null) return speed;
  return t('pace', { speed, left: leftOf(etaSeconds) });
}

function leftOf(seconds: number): string {
  const { unit, count } = calmDuration(seconds);
  return t(`left-${unit}`, { count });
}

/** All that move now as one. */
export function totalOf(transfers: Transfer[], live: Record<string, Live>) {
  const moving = transfers.filter((it) => it.state === 'active');
  const counted = moving.length > 0 ? moving : transfers;
  const bytes = sum(counted.map((it) => it.bytes));
  const whole = sum(counted.map((it) => it.total_bytes));
  const rate = sum(moving.map((it) => live[it.transfer]?.rate ?? 0));
  return { moving: moving.length, bytes, whole, rate, etaSeconds: rate > 0 ? (whole - bytes) / rate : null };
}

function sum(all: number[]): number {
  return all.reduce((total, it) => total + it, 0);
}
