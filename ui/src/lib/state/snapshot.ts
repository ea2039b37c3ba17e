import { answer, type Backend } from '../backend/backend';
import type { OfferView } from '../backend/contract';
import type { List } from './reduce';
import type { State } from './state';

const HISTORY_LIMIT = 200;

export type Lists = Partial<Omit<State, 'people'>> & { people: Partial<State['people']> };

/** Asks for each of `lists`; one that the engine does not have yet stays as it was. */
export async function readLists(backend: Backend, lists: Set<List>): Promise<Lists> {
  const read: Lists = { people: {} };
  await Promise.all([...lists].map((list) => readers[list](backend, read).catch(() => undefined)));
  return read;
}

/** What the incoming cards show; those already known are not asked for again. */
export async function readOffers(
  backend: Backend,
  waiting: string[],
  known: Record<string, OfferView>,
): Promise<Record<string, OfferView>> {
  const offers: Record<string, OfferView> = {};
  for (const transfer of waiting) {
    const ask = () => answer(backend, { command: 'offer', action: 'show', transfer }, 'offer');
    const offer = known[transfer] ?? (await ask().catch(() => null));
    if (offer) offers[transfer] = offer;
  }
  return offers;
}

type Reader = (backend: Backend, into: Lists) => Promise<void>;

const readers: Record<List, Reader> = {
  contacts: async (backend, into) => {
    const reply = await answer(backend, { command: 'contact', action: 'list' }, 'contacts');
    into.people.contacts = reply.contacts;
  },
  groups: async (backend, into) => {
    const reply = await answer(backend, { command: 'group', action: 'list' }, 'groups');
    into.people.groups = reply.groups;
  },
  devices: async (backend, into) => {
    const reply = await answer(backend, { command: 'identity', action: 'devices' }, 'devices');
    into.people.devices = reply.devices;
  },
  nearby: async (backend, into) => {
    const reply = await answer(backend, { command: 'nearby' }, 'nearby');
    into.people.nearby = reply.people;
  },
  transfers: async (backend, into) => {
    const reply = await answer(backend, { command: 'transfer', action: 'list' }, 'transfers');
    into.transfers = reply.transfers;
  },
  past: async (backend, into) => {
    const everything = { search: null, with: null, since_s: null, limit: HISTORY_LIMIT };
    const [history, receipts] = await Promise.all([
      answer(backend, { command: 'history', action: 'search', ...everything }, 'history'),
      answer(backend, { command: 'receipt', action: 'list' }, 'receipts'),
    ]);
    into.past = { history: history.transfers, receipts: receipts.receipts };
  },
  settings: async (backend, into) => {
    const reply = await answer(backend, { command: 'setting', action: 'list' }, 'settings');
    into.settings = { rows: reply.settings, problems: reply.problems };
  },
};
