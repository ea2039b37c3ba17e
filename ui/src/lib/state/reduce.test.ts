import { describe, expect, it } from 'vitest';

import type { Event, TransferView } from '../backend/contract';
import { everyState } from '../backend/mock/transfers';
import { fivePeople } from '../backend/mock/people';
import { outdated, reduce } from './reduce';
import { share } from '../format/amount';
import { sentenceOf } from '../../features/transfers/sentence';
import { EMPTY, STILL, type State } from './state';

const START: State = {
  ...EMPTY,
  transfers: everyState(),
  people: { ...EMPTY.people, contacts: fivePeople() },
};

const progress = (bytes: number): Event => ({
  event: 'transfer_progress',
  transfer: 't1',
  bytes,
  total_bytes: 1000,
  rate_bytes_per_s: 50,
  eta_s: 4,
  path: 'relay',
});

describe('a transfer', () => {
  it('follows its progress, and remembers its speed once a second', () => {
    let state = START;
    for (let now = 0; now < 5000; now += 100) state = reduce(state, progress(now), now);
    expect(find(state, 't1')).toMatchObject({ state: 'active', bytes: 4900, path: 'relay' });
    expect(state.live['t1']?.samples).toHaveLength(5);
    expect(state.live['t1']?.etaSeconds).toBe(4);
  });

  it('remembers its speed for a minute only', () => {
    let state = START;
    for (let second = 0; second < 200; second += 1) state = reduce(state, progress(second), second * 1000);
    expect(state.live['t1']?.samples).toHaveLength(60);
  });

  it('stands still without a speed', () => {
    const moving = reduce(START, progress(1), 0);
    const paused = reduce(moving, { event: 'transfer_paused', transfer: 't1', reason: 'peer_offline' }, 1);
    expect(find(paused, 't1')).toMatchObject({ state: 'paused', reason: 'peer_offline' });
    expect(paused.live['t1']).toMatchObject({ rate: 0, etaSeconds: null });
  });

  it('that has ended is not brought back by what was told late', () => {
    const failed = reduce(
      START,
      { event: 'transfer_failed', transfer: 't1', code: 'peer_violation', message: '' },
      0,
    );
    const late = reduce(failed, progress(999), 1);
    expect(find(late, 't1')).toMatchObject({ state: 'failed', code: 'peer_violation' });
  });

  it('is done only when the receiver has said so', () => {
    const whole = reduce(START, progress(1000), 0);
    expect(find(whole, 't1')?.state).toBe('active');
    expect(sentenceOf(find(whole, 't1')!, STILL).key).toBe('transfer-verifying');
    expect(share(1000, 1000)).toBeLessThan(1);
  });

  it('keeps what was left out', () => {
    const state = reduce(START, { event: 'entry_skipped', transfer: 't2', path: 'a', reason: 'link' }, 0);
    expect(state.live['t2']?.skipped).toEqual([{ path: 'a', reason: 'link' }]);
  });

  it('remembers that a text was offered', () => {
    const offer = { transfer: 't3', from: 'Mia', name: 'text', entries: 1, bytes: 12 };
    const state = reduce(START, { event: 'offer_received', kind: 'text', ...offer }, 0);
    expect(state.live['t3']?.kind).toBe('text');
    expect(outdated({ event: 'offer_received', kind: 'text', ...offer })).toEqual(['transfers']);
  });

  it('that nobody knows changes nothing', () => {
    const state = reduce(START, { ...progress(1), transfer: 'unknown' } as Event, 0);
    expect(state.transfers).toEqual(START.transfers);
  });
});

describe('people', () => {
  it('are on the path on which they were connected', () => {
    const state = reduce(START, { event: 'contact_connected', contact: 'c5', path: 'direct' }, 0);
    expect(state.people.contacts[4]).toMatchObject({ connected: true, path: 'direct' });
    const gone = reduce(state, { event: 'contact_connected', contact: 'c5', path: null }, 0);
    expect(gone.people.contacts[4]).toMatchObject({ connected: false, path: null });
  });

  it('with other keys are told, and the list is asked for again', () => {
    const event: Event = { event: 'key_changed', contact: 'c1', name: 'Mia' };
    expect(reduce(START, event, 0).notices).toHaveLength(1);
    expect(outdated(event)).toContain('contacts');
  });
});

describe('a pairing', () => {
  it('goes from the code over the words to a contact', () => {
    let state = reduce(
      START,
      { event: 'code_issued', code: '7-lunar-basil', expires_in_s: 600, link: null },
      1000,
    );
    expect(state.pairing.issued).toEqual({ code: '7-lunar-basil', link: null, expiresAt: 601_000 });
    state = reduce(state, { event: 'comparison_words', words: 'a b c d e f', peer: 'Noor' }, 2000);
    expect(state.pairing.comparison?.words).toHaveLength(6);
    state = reduce(state, { event: 'contact_added', contact: 'c9', name: 'Noor', verified: true }, 3000);
    expect(state.pairing).toMatchObject({
      issued: null,
      comparison: null,
      failed: null,
      added: { contact: 'c9', name: 'Noor' },
    });
  });

  it('is not begun by the code of a send', () => {
    const waiting: State = { ...START, codeSend: { transfer: 's1', issued: null } };
    const state = reduce(
      waiting,
      { event: 'code_issued', code: '3-velvet-otter', expires_in_s: 1, link: null },
      0,
    );
    expect(state.codeSend?.issued?.code).toBe('3-velvet-otter');
    expect(state.pairing.issued).toBeNull();
  });

  it('that failed leaves no code behind', () => {
    const issued = reduce(
      START,
      { event: 'code_issued', code: '7-lunar-basil', expires_in_s: 600, link: null },
      0,
    );
    const failed = reduce(issued, { event: 'pairing_failed', code: 'wrong_code', message: '' }, 1);
    expect(failed.pairing).toMatchObject({ issued: null, failed: 'wrong_code' });
  });
});

it('ignores events that it does not know', () => {
  const event = { event: 'something_new', transfer: 't1' } as unknown as Event;
  expect(reduce(START, event, 0)).toBe(START);
  expect(outdated(event)).toEqual([]);
});

function find(state: State, id: string): TransferView | undefined {
  return state.transfers.find((it) => it.transfer === id);
}
