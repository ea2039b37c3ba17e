import { someHistory, someReceipts } from './past';
import { fivePeople, person, twoGroups, twoRules } from './people';
import { managedRows } from './settings';
import { everyFolder, invitation, shared, type Shared } from './shared';
import type { Transfer } from '../contract';
import { everyFailure, everyState, jonsOffer, manyEntries, moving, trip } from './transfers';
import { EMPTY_WORLD, NOON, type World } from './world';

/** The scripted worlds, by the name that `?scenario=` takes. */
export const SCENARIOS: Record<string, () => World> = {
  'first-run': () => ({ ...EMPTY_WORLD, firstRun: true }),
  empty: () => ({ ...EMPTY_WORLD }),
  people: () => ({ ...peopled(), transfers: [trip()], rates: { t1: 112_000_000 } }),
  incoming,
  transfers,
  problems,
  pairing: () => ({
    ...peopled(),
    status: {
      server: { state: 'ready' },
      issued_code: {
        code: '7-lunar-basil',
        expires_in_s: 581,
        link: 'wherry:pair/7-lunar-basil@meet.example.org',
      },
      comparison: { words: 'harbour violin pepper autumn ladder cobalt', peer: 'Noor' },
      send_codes: [],
      visible_s: 0,
      hosting: [],
    },
  }),
  offline: () => ({
    ...peopled(),
    status: { ...EMPTY_WORLD.status, server: { state: 'lost', retry_in_s: 12 } },
  }),
  many: () => ({ ...transfers(), entries: { t2: manyEntries(10_000, 2_400_000_000) } }),
  silent: () => ({ ...peopled(), broken: true }),
  hostile,
  codes: () => ({ ...peopled(), transfers: everyFailure() }),
  folders: () => ({ ...peopled(), folders: everyFolder() }),
  managed: () => ({ ...peopled(), settings: managedRows() }),
};

export function worldOf(scenario: string): World {
  const make = SCENARIOS[scenario] ?? SCENARIOS['people'];
  return structuredClone(make ? make() : EMPTY_WORLD);
}

function peopled(): World {
  return {
    ...EMPTY_WORLD,
    contacts: fivePeople(),
    groups: twoGroups(),
    rules: twoRules(),
    nearby: [{ id: 'abcdefghijklmnop', name: "Hélène's iMac", address: '192.168.1.23:7421', contact: null }],
    devices: [
      ...EMPTY_WORLD.devices,
      { device_id: 'T9AB-3EWQ-71LK-ZX0C', name: "Ana's tablet", this: false, connected: false },
    ],
    history: someHistory(),
    receipts: someReceipts(),
  };
}

function incoming(): World {
  const { transfer, offer } = jonsOffer();
  return {
    ...peopled(),
    status: { ...EMPTY_WORLD.status, server: { state: 'lost', retry_in_s: 12 } },
    transfers: [transfer, trip()],
    rates: { t1: 112_000_000 },
    offers: { o1: offer },
    opening: [{ event: 'text_received', transfer: 'x1', from: 'Mia', text: 'Gate code for Saturday: 4471#' }],
  };
}

function transfers(): World {
  return {
    ...peopled(),
    transfers: everyState(),
    rates: { t1: 112_000_000, t2: 6_400_000 },
    entries: { t2: manyEntries(1_284, 240_000_000) },
    opening: [
      { event: 'transfer_queued', transfer: 't6', ahead: 2 },
      { event: 'entry_skipped', transfer: 't2', path: 'site-photos/latest', reason: 'link' },
      {
        event: 'preflight_problem',
        transfer: 't12',
        path: 'minutes: May.txt',
        problem: 'renamed',
        name: 'minutes_ May.txt',
      },
    ],
  };
}

/** Names as somebody would choose them who means harm, or only has no measure. */
function hostile(): World {
  const long = 'W'.repeat(500);
  const html = '<img src=x onerror=alert(1)><b>bold</b>';
  const bidi = 'photo\u202Egpj.exe\u2066\u2067';
  const { transfer, offer } = jonsOffer();
  return {
    ...incoming(),
    deviceName: long,
    contacts: [
      person('c1', long, { connected: true, path: 'local', verified: true }),
      person('c2', html, { connected: true, path: 'relay' }),
      person('c3', bidi, { last_seen_at: null }),
    ],
    groups: [{ name: long, members: [long, html, bidi] }],
    folders: [hostileFolder(long, html, bidi), invitation(bidi, html)],
    transfers: [
      { ...transfer, name: bidi, peer: long, contact: 'c1' } as Transfer,
      moving('t1', long, html, { state: 'active' }, 620, 1_000, { path: 'relay', entries: 3 }),
      moving('t2', html, long, { state: 'failed', code: 'no_path' }, 0, 1),
    ],
    offers: { o1: { ...offer, device: html, names: [bidi, long, html], executable: [bidi] } },
    opening: [{ event: 'text_received', transfer: 'x1', from: bidi, text: `${html} ${long}` }],
  };
}

function hostileFolder(long: string, html: string, bidi: string): Shared {
  const one = shared('f1', long, [html, bidi], { state: 'up_to_date' }, { files: 3, conflicts: 1 });
  const copy = `${bidi} (${html}, 12 May 13.47).txt`;
  const side = { by: html, this: false, modified_ms: NOON, bytes: 40 };
  const content = { content: 'text', text: `${html}\n${long}\n${bidi}`, cut: true } as const;
  return {
    ...one,
    files: [long, html.replace('/', ''), bidi].map((path) => ({
      path,
      folder: false,
      bytes: 1,
      state: 'here',
    })),
    conflicts: [{ path: bidi, copy, present: { ...side, by: long }, kept: side }],
    contents: { [copy]: { present: content, kept: { ...content, text: long } } },
    rules: [html, long],
  };
}

function problems(): World {
  const world = peopled();
  return {
    ...world,
    status: { ...world.status, server: { state: 'lost', retry_in_s: 40 } },
    contacts: [
      ...world.contacts.map((it) => (it.name === 'Mia' ? { ...it, key_changed: true, verified: false } : it)),
      person('c6', 'Blocked Bert', { blocked: true }),
      person('c7', 'Chatty Cleo', { muted: true, muted_for_s: 3_000, connected: true, path: 'direct' }),
    ],
    transfers: [
      moving('p1', 'old-scan.tiff', 'Jon', { state: 'failed', code: 'no_path' }, 0, 210),
      moving('p2', 'backup.tar', 'Studio NAS', { state: 'paused', reason: 'disk_full' }, 3_100, 8_000, {
        path: 'local',
      }),
      moving('p3', 'drone-raw', 'Ravi', { state: 'paused', reason: 'peer_offline' }, 620, 900, {
        entries: 42,
      }),
      moving('p4', 'report.docx', 'Jon', { state: 'failed', code: 'declined' }, 0, 3),
    ],
    settings: managedRows(),
    problems: [{ key: 'send-rate', message: 'send-rate must be at least 16K', blocks: true }],
    opening: [
      { event: 'key_changed', contact: 'c1', name: 'Mia' },
      { event: 'identity_copied', replaced: false },
    ],
  };
}
