import type { Event, PathKind, Transfer, TransferState } from '../backend/contract';
import { serverOf, STILL, type IssuedCode, type Live, type Notice, type Pairing, type State } from './state';

const SAMPLE_EVERY_MS = 1000;
const SAMPLES = 60;
const NOTICES = 8;

/** The lists that the engine can be asked for again. */
export type List =
  'contacts' | 'groups' | 'folders' | 'rules' | 'devices' | 'transfers' | 'past' | 'settings';

/** What an event alone changes at once; `outdated` names what must be asked for besides. */
export function reduce(state: State, event: Event, now: number): State {
  switch (event.event) {
    case 'ready':
      return { ...state, server: { state: 'ready' } };
    case 'server_lost':
      return { ...state, server: serverOf({ state: 'lost', retry_in_s: event.retry_in_s }, now) };
    case 'server_refused':
      return { ...state, server: { state: 'refused' } };
    case 'code_issued':
      return codeIssued(state, {
        code: event.code,
        link: event.link,
        expiresAt: now + event.expires_in_s * 1000,
      });
    case 'comparison_words':
      return pairing(state, {
        comparison: { words: event.words.split(' '), peer: event.peer },
        failed: null,
      });
    case 'pairing_failed':
      return pairing(state, { issued: null, comparison: null, failed: event.code });
    case 'contact_added':
      return pairing(state, {
        issued: null,
        comparison: null,
        failed: null,
        added: { contact: event.contact, name: event.name },
      });
    case 'device_ready':
      return pairing(state, {
        aim: 'device',
        issued: null,
        comparison: null,
        failed: null,
        joined: { name: event.name, contacts: event.contacts },
      });
    case 'nearby_changed':
      return { ...state, people: { ...state.people, nearby: event.nearby } };
    case 'visible':
      return { ...state, visibleUntil: event.seconds > 0 ? now + event.seconds * 1000 : null };
    case 'hosting':
      return { ...state, hosting: event.urls };
    case 'hosting_failed':
      return notice({ ...state, hosting: [] }, { notice: 'hosting_failed' });
    case 'contact_connected':
      return connected(state, event.contact, event.path);
    case 'contact_here':
      return here(state, event.contact, event.here);
    case 'key_changed':
    case 'contact_copied':
      return notice(state, { notice: event.event, contact: event.contact, name: event.name });
    case 'contact_muted':
      return notice(state, {
        notice: 'contact_muted',
        contact: event.contact,
        name: event.name,
        seconds: event.seconds,
      });
    case 'identity_copied':
      return notice(state, { notice: 'identity_copied', replaced: event.replaced });
    case 'this_device_revoked':
      return notice(state, { notice: 'this_device_revoked', name: event.name });
    case 'device_added':
    case 'device_revoked':
      return notice(state, { notice: event.event, contact: event.contact, name: event.name });
    case 'text_received':
      return {
        ...state,
        texts: [...state.texts, { transfer: event.transfer, from: event.from, text: event.text }],
      };
    default:
      return 'transfer' in event ? moved(state, event, now) : state;
  }
}

/** What the lists no longer say truly after an event. */
export function outdated(event: Event): List[] {
  switch (event.event) {
    case 'contact_added':
      return ['contacts', 'rules'];
    case 'contact_connected':
      return ['contacts', 'folders'];
    case 'contact_here':
      return ['contacts'];
    case 'key_changed':
    case 'contact_muted':
      return ['contacts', 'rules'];
    case 'device_added':
    case 'device_revoked':
    case 'device_ready':
      return ['devices', 'contacts'];
    case 'transfer_added':
    case 'offer_received':
    case 'offer_accepted_by_rule':
      return ['transfers'];
    case 'transfer_completed':
    case 'transfer_failed':
      return ['transfers', 'past'];
    case 'folder':
      return ['folders'];
    case 'text_received':
    case 'receipt_ready':
      return ['past'];
    case 'setting_problem':
      return ['settings'];
    default:
      return [];
  }
}

/** The list that an event changes at once, so that one that was asked for before it may be older. */
export function overtakes(event: Event): List[] {
  if (event.event === 'transfer_progress') return [];
  return 'transfer' in event ? ['transfers'] : [];
}

/** The event does not say what its code is for: a send that waits for one gets it. */
function codeIssued(state: State, issued: IssuedCode): State {
  if (state.codeSend && !state.codeSend.issued) return { ...state, codeSend: { ...state.codeSend, issued } };
  return pairing(state, { issued, failed: null, added: null, joined: null });
}

type TransferEvent = Extract<Event, { transfer: string }>;

function moved(state: State, event: TransferEvent, now: number): State {
  const id = event.transfer;
  switch (event.event) {
    case 'transfer_progress': {
      const live = { rate: event.rate_bytes_per_s, etaSeconds: event.eta_s, ahead: 0 };
      const next = transfer(
        state,
        id,
        { state: 'active' },
        {
          bytes: event.bytes,
          total_bytes: event.total_bytes,
          path: event.path,
        },
      );
      return lively(next, id, live, now);
    }
    case 'offer_received':
      return lively(state, id, { kind: event.kind });
    case 'offer_accepted_by_rule':
      return lively(state, id, { byRule: true });
    case 'transfer_queued':
      return lively(transfer(state, id, { state: 'queued' }), id, { ahead: event.ahead });
    case 'transfer_paused':
      return stopped(transfer(state, id, { state: 'paused', reason: event.reason }), id);
    case 'transfer_resumed':
      return transfer(state, id, { state: 'active' });
    case 'transfer_completed':
      return stopped(
        transfer(state, id, { state: 'completed' }, { bytes: event.bytes, path: event.path }),
        id,
      );
    case 'transfer_failed':
      return stopped(transfer(state, id, { state: 'failed', code: event.code }), id);
    case 'entry_skipped': {
      const skipped = state.live[id]?.skipped ?? [];
      return lively(state, id, { skipped: [...skipped, { path: event.path, reason: event.reason }] });
    }
    case 'preflight_problem': {
      const problems = state.live[id]?.problems ?? [];
      return lively(state, id, { problems: [...problems, { path: event.path, problem: event }] });
    }
    case 'name_taken': {
      const renamed = state.live[id]?.renamed ?? [];
      return lively(state, id, { renamed: [...renamed, { path: event.path, name: event.name }] });
    }
    default:
      return state;
  }
}

function transfer(state: State, id: string, now: TransferState, figures: Partial<Transfer> = {}): State {
  const transfers = state.transfers.map((it) =>
    it.transfer === id && !(hasEnded(it) && now.state === 'active')
      ? ({ ...it, ...figures, ...now } as Transfer)
      : it,
  );
  return { ...state, transfers };
}

/** Nothing comes to life again by an event that was told late. */
function hasEnded(it: Transfer): boolean {
  return it.state === 'completed' || it.state === 'failed';
}

function stopped(state: State, id: string): State {
  return lively(state, id, { rate: 0, etaSeconds: null });
}

function lively(state: State, id: string, change: Partial<Live>, now?: number): State {
  const before = state.live[id] ?? STILL;
  const samples = now === undefined ? before.samples : sampled(before, change.rate ?? 0, now);
  return { ...state, live: { ...state.live, [id]: { ...before, ...change, samples } } };
}

function sampled(live: Live, rate: number, now: number) {
  const last = live.samples.at(-1);
  if (last && now - last.at < SAMPLE_EVERY_MS) return live.samples;
  return [...live.samples, { at: now, rate }].slice(-SAMPLES);
}

function here(state: State, contact: string, here: boolean): State {
  const contacts = state.people.contacts.map((it) => (it.contact === contact ? { ...it, here } : it));
  return { ...state, people: { ...state.people, contacts } };
}

function connected(state: State, contact: string, path: PathKind | null): State {
  const contacts = state.people.contacts.map((it) =>
    it.contact === contact ? { ...it, connected: path !== null, path, searching: false } : it,
  );
  return { ...state, people: { ...state.people, contacts } };
}

function pairing(state: State, change: Partial<Pairing>): State {
  return { ...state, pairing: { ...state.pairing, ...change } };
}

function notice(state: State, added: Notice): State {
  return { ...state, notices: [...state.notices, added].slice(-NOTICES) };
}
