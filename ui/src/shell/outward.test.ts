import { beforeAll, describe, expect, it } from 'vitest';

import { everyFolder } from '../lib/backend/mock/shared';
import { jonsOffer, trip } from '../lib/backend/mock/transfers';
import type { Transfer } from '../lib/backend/contract';
import { words } from '../lib/i18n/words.svelte';
import { EMPTY, STILL, type State } from '../lib/state/state';
import { noticesOf, statusOf } from './outward';

beforeAll(() => words.speak('en'));

const withTrip = (now: Partial<Transfer> = {}): State => ({
  ...EMPTY,
  transfers: [{ ...trip(), ...now } as Transfer],
  live: { t1: { ...STILL, rate: 10 } },
});

describe('what the system tells', () => {
  it('is an offer, once', () => {
    const offered: State = { ...EMPTY, transfers: [jonsOffer().transfer] };
    expect(noticesOf(EMPTY, offered)).toMatchObject([{ transfer: 'o1', label: 'Show' }]);
    expect(noticesOf(offered, offered)).toEqual([]);
  });

  it('is an ending, by its words and not by its code', () => {
    const done = noticesOf(withTrip(), withTrip({ state: 'completed' }));
    expect(done[0]?.body).toContain('Mia');
    const [failed] = noticesOf(
      withTrip(),
      withTrip({ state: 'failed', code: 'no_path' } as Partial<Transfer>),
    );
    expect(failed?.body).toBe('No direct path and no relay.');
  });

  it('is not what a person ended', () => {
    const cancelled = withTrip({ state: 'failed', code: 'cancelled' } as Partial<Transfer>);
    expect(noticesOf(withTrip(), cancelled)).toEqual([]);
  });

  it('is an invitation to a folder, and a conflict that was not there before', () => {
    const shared = everyFolder();
    const details = Object.fromEntries(shared.map(({ view, detail }) => [view.folder, detail]));
    const calm = { ...details, f1: { ...shared[0]!.detail, conflicts: 2 } };
    const before: State = { ...EMPTY, folderDetails: calm };
    const now: State = { ...EMPTY, folders: shared.map((it) => it.view), folderDetails: details };
    const titles = noticesOf(before, now).map((it) => it.title.replace(/[\u2068\u2069]/g, ''));
    expect(titles).toEqual([
      'Jon invites you to the folder Summer fair.',
      'Plans 2027: 3 conflicts need you.',
    ]);
    expect(noticesOf(now, now)).toEqual([]);
  });

  it('is one line while something moves, and nothing otherwise', () => {
    expect(statusOf(withTrip())).toContain('62%');
    expect(statusOf(withTrip({ state: 'completed' }))).toBe('');
  });
});
