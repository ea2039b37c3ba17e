import { answer, type Backend } from '../backend/backend';
import type { CommandError, ErrorCode, FolderDetail, FolderView, OfferView } from '../backend/contract';
import type { List } from './reduce';
import type { State } from './state';

const HISTORY_LIMIT = 500;

export type Lists = Partial<Omit<State, 'people'>> & { people: Partial<State['people']> };

/** Asks for each of `lists`; `unread` are those that could not be read. One that the engine does not have stays empty. */
export async function readLists(
  backend: Backend,
  lists: Set<List>,
): Promise<{ read: Lists; unread: List[] }> {
  const read: Lists = { people: {} };
  const unread: List[] = [];
  const ask = async (list: List) => {
    try {
      await readers[list](backend, read);
    } catch (error) {
      if (codeOf(error) !== 'usage') unread.push(list);
    }
  };
  await Promise.all([...lists].map(ask));
  return { read, unread };
}

/** The code of what a command was refused with. */
export function codeOf(error: unknown): ErrorCode {
  const code = (error as CommandError | null)?.code;
  return code ?? 'internal';
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

/** Whether a folder can be asked how it stands. */
function runs({ state }: FolderView): boolean {
  return state === 'looking' || state === 'syncing' || state === 'up_to_date' || state === 'removed';
}

async function readFolderDetails(backend: Backend, folders: FolderView[]) {
  const details: Record<string, FolderDetail> = {};
  const read = async ({ folder }: FolderView) => {
    const command = { command: 'folder', action: 'inside', folder, wish: { wish: 'status' } } as const;
    // One that has just ended says nothing: its list does.
    const detail = await answer(backend, command, 'folder_detail').catch(() => null);
    if (detail) details[folder] = detail;
  };
  await Promise.all(folders.map(read));
  return details;
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
  folders: async (backend, into) => {
    const { folders } = await answer(backend, { command: 'folder', action: 'list' }, 'folders');
    into.folders = folders;
    into.folderDetails = await readFolderDetails(backend, folders.filter(runs));
  },
  rules: async (backend, into) => {
    const reply = await answer(backend, { command: 'rule', action: 'list' }, 'rules');
    into.people.rules = reply.rules;
  },
  devices: async (backend, into) => {
    const reply = await answer(backend, { command: 'identity', action: 'devices' }, 'devices');
    into.people.devices = reply.devices;
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
