import type { AnyCommand, AnyReply, Backend, Picked } from '../backend';
import type { CommandError, ErrorCode, Event, SentTransfer } from '../contract';
import { watchPageDrags, watchPageShell } from './drags';
import { obey } from './obey';
import { advance, recall } from './motion';
import { worldOf } from './scenarios';
import { moving } from './transfers';
import { NOON, type World } from './world';

const TICK_MS = 250;
/** So much of each speed is told at the start, so that the spark lines have something to draw. */
const REMEMBERED_MS = 40_000;

/** An engine that follows a script: the whole interface in any browser, and the same each time. */
export function mockBackend({ scenario, still }: { scenario: string; still: boolean }): Backend {
  const world = worldOf(scenario);
  const hearers = new Set<(event: Event) => void>();
  const tell = (event: Event) => hearers.forEach((hear) => hear(event));
  const started = performance.now();
  let past = 0;
  const now = () => NOON - past + (still ? 0 : performance.now() - started);
  const open = () => {
    for (past = REMEMBERED_MS; past > 0; past -= 1000) recall(world, past).forEach(tell);
    world.opening.forEach(tell);
  };
  const stage: Stage = { world, tell, later: (ms, run) => void setTimeout(run, ms) };

  if (!still) setInterval(() => advance(stage, TICK_MS / 1000), TICK_MS);

  return {
    ask: async (command: AnyCommand): Promise<AnyReply> => structuredClone(obey(stage, command)),
    listen: (hear) => {
      hearers.add(hear);
      setTimeout(open, still ? 0 : 400);
      return () => hearers.delete(hear);
    },
    host: {
      facts: async () => ({
        firstRun: world.firstRun,
        suggestedName: world.deviceName,
        suggestedFolder: '/home/ana/Downloads/Wherry',
        version: '0.9.0',
        platform: 'browser',
        autostart: world.autostart,
        dragsOut: true,
        renewsItself: true,
      }),
      now,
      finishFirstRun: async ({ name }) => {
        world.firstRun = false;
        world.deviceName = name;
      },
      pickFiles: async () => picked('talk.mp4', 3, 1_240_000_000),
      pickFolderToSend: async () => picked('site-photos', 1, null),
      pasteFiles: async (event) => {
        const files = [...(event.clipboardData?.files ?? [])];
        return files[0] ? picked(files[0].name, files.length, null) : null;
      },
      chooseFolder: async () => '/home/ana/Desktop',
      choosePlace: async (name) => `/home/ana/Desktop/${name}`,
      openFolder: async () => undefined,
      watchDrags: watchPageDrags,
      watchShell: watchPageShell,
      send: async (what, recipients) => send(stage, what, recipients),
      sendByCode: async (what) => sendByCode(stage, what),
      reveal: async () => undefined,
      open: async () => undefined,
      dragOut: async () => undefined,
      copy: (text) => navigator.clipboard.writeText(text),
      saveReceipt: async () => true,
      exportIdentity: async () => true,
      importIdentity: async () => {
        world.contacts = worldOf('people').contacts;
        return true;
      },
      notify: async () => undefined,
      labelTray: async () => undefined,
      lookForUpdate: async () => ({ version: '0.2.0' }),
      installUpdate: async () => {},
      setAutostart: async (enabled) => (world.autostart = enabled),
      openLog: async () => undefined,
      quit: async () => window.close(),
    },
  };
}

/** What the parts of the script share. */
export interface Stage {
  world: World;
  tell(event: Event): void;
  later(ms: number, run: () => void): void;
}

export function refusal(code: ErrorCode): CommandError {
  return { code, message: code };
}

function send({ world, tell, later }: Stage, what: Picked, recipients: string[]): SentTransfer[] {
  const to = world.contacts.filter((it) => recipients.includes(it.contact) || recipients.includes(it.name));
  return to.map((contact) => {
    const transfer = `s${world.transfers.length + 1}`;
    const state = contact.connected ? 'waiting_for_answer' : 'waiting_for_peer';
    const megabytes = (what.bytes ?? 350_000_000) / 1_000_000;
    const rest = { path: contact.path ?? null, entries: what.count };
    world.transfers.unshift(moving(transfer, what.first, contact.name, { state }, 0, megabytes, rest));
    tell({ event: 'transfer_added', transfer, entries: what.count, bytes: megabytes * 1_000_000 });
    if (contact.connected) later(1500, () => (world.rates[transfer] = 48_000_000));
    return { transfer, contact: contact.contact, name: contact.name };
  });
}

function sendByCode({ world, tell, later }: Stage, what: Picked): string {
  const transfer = `s${world.transfers.length + 1}`;
  const megabytes = (what.bytes ?? 350_000_000) / 1_000_000;
  const state = { state: 'waiting_for_peer' } as const;
  world.transfers.unshift(moving(transfer, what.first, null, state, 0, megabytes, { entries: what.count }));
  tell({ event: 'transfer_added', transfer, entries: what.count, bytes: megabytes * 1_000_000 });
  const link = 'wherry:receive/3-velvet-otter@meet.example.org';
  later(0, () => tell({ event: 'code_issued', code: '3-velvet-otter', expires_in_s: 600, link }));
  return transfer;
}

function picked(first: string, count: number, bytes: number | null): Picked {
  return { pick: first, first, count, bytes };
}
