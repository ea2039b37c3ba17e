import type { HistoryView } from '../../lib/backend/contract';

/** Those with `wanted` in a name of what was carried or of the other side. */
export function matching(history: HistoryView[], wanted: string): HistoryView[] {
  const needle = wanted.trim().toLocaleLowerCase();
  if (needle === '') return history;
  return history.filter((it) =>
    [it.peer, ...it.names].some((name) => name.toLocaleLowerCase().includes(needle)),
  );
}
