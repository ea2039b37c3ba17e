import { t, type Args } from '../../lib/i18n/words.svelte';
import type { Prepared } from './sending.svelte';

/** What the words about something that was let go need to know. */
export function argsOf({ cargo, to }: Prepared): Args {
  const picked = cargo.kind === 'files' ? cargo.picked : null;
  return {
    first: picked?.first ?? '',
    more: (picked?.count ?? 1) - 1,
    name: to[0]?.name ?? '',
    people: to.length,
  };
}

/** The key of the sentence that says to whom it goes. */
export function summaryOf({ to }: Prepared): string {
  return to.length > 1 ? 'undo-to-many' : 'undo-to-one';
}

/** All of it as one sentence, to be heard. */
export function spoken(prepared: Prepared, modifier: string): string {
  const args = argsOf(prepared);
  const what = t(`undo-what-${prepared.cargo.kind}`, args);
  return t('call-prepared', { what, whom: t(summaryOf(prepared), args), modifier });
}
