import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { answer } from '../backend';
import type { Event } from '../contract';
import { mockBackend } from './mock';
import { SCENARIOS, worldOf } from './scenarios';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('the scripted engine', () => {
  it('starts each scenario the same every time', () => {
    for (const scenario of Object.keys(SCENARIOS)) expect(worldOf(scenario)).toEqual(worldOf(scenario));
  });

  it('moves what moves until it is done', async () => {
    const { backend, heard } = listening('people');
    await vi.advanceTimersByTimeAsync(6000);
    expect(heard.map((it) => it.event)).toContain('transfer_completed');
    const { transfers } = await answer(backend, { command: 'transfer', action: 'list' }, 'transfers');
    expect(transfers[0]?.state).toBe('completed');
  });

  it('carries nothing while it stands still', async () => {
    const { backend, heard } = listening('people', true);
    await vi.advanceTimersByTimeAsync(6000);
    expect(heard.map((it) => it.event)).not.toContain('transfer_completed');
    const { transfers } = await answer(backend, { command: 'transfer', action: 'list' }, 'transfers');
    expect(transfers[0]?.state).toBe('active');
  });

  it('takes an offer when it is accepted, and forgets it when it is declined', async () => {
    const { backend } = listening('incoming', true);
    const destination = { folder: '/somewhere' };
    await backend.ask({ command: 'receive', action: 'answer', transfer: 'o1', destination });
    const list = () => answer(backend, { command: 'transfer', action: 'list' }, 'transfers');
    expect((await list()).transfers.find((it) => it.transfer === 'o1')?.state).toBe('active');
    await backend.ask({ command: 'receive', action: 'answer', transfer: 'o1', destination: null });
    expect((await list()).transfers.find((it) => it.transfer === 'o1')).toBeUndefined();
  });

  it('refuses what a policy holds', async () => {
    const { backend } = listening('managed', true);
    const change = { command: 'setting', action: 'change', key: 'server-url', value: 'wss://x' } as const;
    await expect(backend.ask(change)).rejects.toMatchObject({ code: 'usage' });
  });

  it('uses a wrong code up and meets nobody', async () => {
    const { backend, heard } = listening('people', true);
    await backend.ask({ command: 'pairing', action: 'claim', code: '1-wrong-code' });
    await vi.advanceTimersByTimeAsync(2000);
    expect(heard.at(-1)).toMatchObject({ event: 'pairing_failed', code: 'wrong_code' });
  });
});

function listening(scenario: string, still = false) {
  const backend = mockBackend({ scenario, still });
  const heard: Event[] = [];
  backend.listen((event) => heard.push(event));
  return { backend, heard };
}
