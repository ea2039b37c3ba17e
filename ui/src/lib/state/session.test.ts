import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { troubles } from '../../features/problems/troubles';
import type { Event } from '../backend/contract';
import { mockBackend } from '../backend/mock/mock';
import { Session } from './session.svelte';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('a window', () => {
  it('shows after a reload what is true, not what it remembers', async () => {
    const backend = mockBackend({ scenario: 'pairing', still: true });
    const before = new Session(backend);
    await before.begin();
    await before.ask({ command: 'contact', action: 'block', contact: 'c1', blocked: true }, 'contacts');

    const after = new Session(backend);
    await after.begin();
    expect(after.state.people.contacts).toEqual(before.state.people.contacts);
    expect(after.state.people.contacts[0]?.blocked).toBe(true);
    expect(after.state.pairing.comparison?.words).toHaveLength(6);
    expect(after.state.pairing.issued?.code).toBe('7-lunar-basil');
  });

  it('says in words by code why something was refused', async () => {
    const session = new Session(mockBackend({ scenario: 'people', still: true }));
    await session.begin();
    const reply = await session.ask({ command: 'contact', action: 'remove', contact: 'nobody' });
    expect(reply).toBeNull();
    expect(session.state.notices).toEqual([{ notice: 'failed', code: 'unknown_contact' }]);
    session.dismissNotice(0);
    expect(session.state.notices).toEqual([]);
  });

  it('leaves out what the engine does not have yet', async () => {
    const backend = mockBackend({ scenario: 'people', still: true });
    const { ask } = backend;
    backend.ask = (command) =>
      ['status', 'offer', 'history'].includes(command.command)
        ? Promise.reject({ code: 'usage', message: '' })
        : ask(command);
    const session = new Session(backend);
    await session.begin();
    expect(session.state.people.contacts).toHaveLength(5);
    expect(session.state.people.nearby).toEqual([]);
    expect(session.state.past.history).toEqual([]);
    expect(session.state.server.state).toBe('connecting');
    expect(session.state.notices).toEqual([]);
  });

  it('says that what it shows may be old while the engine fails, and stops saying so', async () => {
    const backend = mockBackend({ scenario: 'people', still: true });
    const { ask } = backend;
    let broken = true;
    backend.ask = (command) =>
      broken && command.command === 'transfer'
        ? Promise.reject({ code: 'internal', message: 'gone' })
        : ask(command);
    const session = new Session(backend);
    await session.begin();
    expect(session.state.silent).toBe(true);
    expect(troubles(session.state)[0]?.key).toBe('engine_silent');
    await session.refresh('contacts');
    expect(session.state.silent).toBe(true);
    broken = false;
    await vi.advanceTimersByTimeAsync(6000);
    expect(session.state.silent).toBe(false);
    expect(session.state.transfers).not.toEqual([]);
  });

  it('never shows an older list over what was told since', async () => {
    const backend = mockBackend({ scenario: 'people', still: true });
    const { ask } = backend;
    let hear: (event: Event) => void = () => undefined;
    backend.listen = (listener) => ((hear = listener), () => undefined);
    const session = new Session(backend);
    await session.begin();
    backend.ask = async (command) => {
      const reply = await ask(command);
      if (command.command !== 'transfer' || command.action !== 'list') return reply;
      // The engine ended it after it had answered, and before the answer came.
      backend.ask = ask;
      await ask({ command: 'transfer', action: 'pause', transfer: 't1' });
      hear({ event: 'transfer_paused', transfer: 't1', reason: 'here' });
      return reply;
    };
    await session.refresh('transfers');
    expect(session.state.transfers.find((it) => it.transfer === 't1')?.state).toBe('paused');
  });

  it('never shows an older status over what was told since', async () => {
    const backend = mockBackend({ scenario: 'people', still: true });
    const { ask } = backend;
    let hear: (event: Event) => void = () => undefined;
    backend.listen = (listener) => ((hear = listener), () => undefined);
    backend.ask = async (command) => {
      const reply = await ask(command);
      if (reply.reply !== 'status') return reply;
      // The line stood after the engine had answered, and before the answer came.
      backend.ask = ask;
      hear({ event: 'ready' } as Event);
      return { ...reply, server: { state: 'connecting' } };
    };
    const session = new Session(backend);
    await session.begin();
    expect(session.state.server.state).toBe('ready');
  });

  it('shows after a reload the code that a send waits with', async () => {
    const backend = mockBackend({ scenario: 'people', still: true });
    const { ask } = backend;
    const code = { transfer: 's9', code: '3-velvet-otter', expires_in_s: 60, link: null };
    backend.ask = async (command) => {
      const reply = await ask(command);
      return reply.reply === 'status' ? { ...reply, send_codes: [code] } : reply;
    };
    const session = new Session(backend);
    await session.begin();
    expect(session.state.codeSend).toMatchObject({
      transfer: 's9',
      issued: { code: '3-velvet-otter', expiresAt: session.now() + 60_000 },
    });
  });

  it('counts down to the next try by its own clock', async () => {
    const session = new Session(mockBackend({ scenario: 'offline', still: true }));
    await session.begin();
    expect(session.state.server).toEqual({ state: 'lost', retryAt: session.now() + 12_000 });
  });

  it('knows of an offer whom it is from and where it would go', async () => {
    const session = new Session(mockBackend({ scenario: 'incoming', still: true }));
    await session.begin();
    expect(session.state.offers['o1']).toMatchObject({
      device: "Jon's MacBook",
      executable: ['viewer-setup.exe'],
    });
  });
});
