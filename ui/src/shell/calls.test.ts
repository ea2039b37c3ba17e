import { expect, it } from 'vitest';

import { jonsOffer, trip } from '../lib/backend/mock/transfers';
import { EMPTY, type State } from '../lib/state/state';
import { calls } from './calls';

const at = (bytes: number): State => ({ ...EMPTY, transfers: [{ ...trip(), bytes, total_bytes: 1000 }] });

it('tells progress at quarters and not at every tick', () => {
  let said = 0;
  for (let bytes = 10; bytes < 1000; bytes += 10) said += calls(at(bytes - 10), at(bytes)).length;
  expect(said).toBe(3);
});

it('interrupts only for what asks for an answer', () => {
  const offered = { ...EMPTY, transfers: [jonsOffer().transfer] };
  expect(calls(EMPTY, offered)).toMatchObject([{ key: 'call-offer', urgent: true }]);
  expect(calls(offered, offered)).toEqual([]);
  const changed: State = { ...EMPTY, notices: [{ notice: 'key_changed', contact: 'c1', name: 'Mia' }] };
  expect(calls(EMPTY, changed)).toMatchObject([{ urgent: true }]);
});
