import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { mockBackend } from '../../lib/backend/mock/mock';
import { Session } from '../../lib/state/session.svelte';
import { Sending, UNDO_MS } from './sending.svelte';

const MIA = { id: 'c1', name: 'Mia', online: true };
const CARGO = { kind: 'files', picked: { pick: 'p', first: 'talk.mp4', count: 1, bytes: 10 } } as const;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('what was let go', () => {
  it('goes after a moment', async () => {
    const { sending, sent } = start();
    sending.prepare(CARGO, [MIA]);
    await vi.advanceTimersByTimeAsync(UNDO_MS - 1);
    expect(sent).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(1);
    expect(sent).toHaveBeenCalledExactlyOnceWith(CARGO.picked, ['c1'], { on_problem: 'ask' });
  });

  it('never goes once it was taken back', async () => {
    const { sending, sent } = start();
    sending.prepare(CARGO, [MIA]);
    sending.undo();
    await vi.advanceTimersByTimeAsync(UNDO_MS * 4);
    expect(sent).not.toHaveBeenCalled();
  });

  it('waits while somebody points at it', async () => {
    const { sending, sent } = start();
    sending.prepare(CARGO, [MIA]);
    sending.hold();
    await vi.advanceTimersByTimeAsync(UNDO_MS * 4);
    expect(sent).not.toHaveBeenCalled();
    sending.resume();
    await vi.advanceTimersByTimeAsync(UNDO_MS);
    expect(sent).toHaveBeenCalledOnce();
  });

  it('goes at once when something else is let go after it', async () => {
    const { sending, sent } = start();
    sending.prepare(CARGO, [MIA]);
    sending.prepare(CARGO, [MIA]);
    await vi.advanceTimersByTimeAsync(UNDO_MS);
    expect(sent).toHaveBeenCalledTimes(2);
  });

  it('asks to whom if it was dropped beside everybody', async () => {
    const { sending, sent } = start();
    sending.prepare(CARGO, []);
    await vi.advanceTimersByTimeAsync(UNDO_MS);
    expect(sent).not.toHaveBeenCalled();
    expect(sending.prepared).toBeNull();
    expect(sending.unaddressed).toEqual(CARGO);
  });
});

function start() {
  const session = new Session(mockBackend({ scenario: 'people', still: true }));
  const sent = vi.spyOn(session.backend.host, 'send');
  return { sending: new Sending(session), sent };
}
