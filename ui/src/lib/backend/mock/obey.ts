import type { AnyCommand, AnyReply } from '../backend';
import type {
  ContactCommand,
  GroupCommand,
  HistoryView,
  LinkView,
  NearbyCommand,
  TransferCommand,
} from '../contract';
import { obeyFolder } from './folders';
import { obeyIdentity } from './identity';
import { FINDINGS } from './findings';
import { refusal, type Stage } from './mock';
import { obeyPairing } from './pairing';
import { obeyRule } from './rules';

/** What a command changes, and its answer. */
export function obey(stage: Stage, command: AnyCommand): AnyReply {
  const { world } = stage;
  switch (command.command) {
    case 'go_online':
      return DONE;
    case 'status':
      return { reply: 'status', ...world.status };
    case 'examine':
      return { reply: 'findings', findings: FINDINGS };
    case 'nearby':
      return obeyNearby(stage, command);
    case 'offer':
      return { reply: 'offer', ...found(world.offers[command.transfer], 'unknown_transfer') };
    case 'rule':
      return obeyRule(stage, command);
    case 'identity':
      return obeyIdentity(stage, command);
    case 'send':
      return { reply: 'sent', transfers: [] };
    case 'receive':
      if (command.action === 'answer') answerOffer(stage, command.transfer, command.destination !== null);
      return DONE;
    case 'pairing':
      return obeyPairing(stage, command);
    case 'contact':
      return obeyContact(stage, command);
    case 'group':
      return obeyGroup(stage, command);
    case 'folder':
      return obeyFolder(stage, command);
    case 'transfer':
      return obeyTransfer(stage, command);
    case 'receipt':
      return { reply: 'receipts', receipts: world.receipts };
    case 'link':
      return { reply: 'link', ...linkOf(command.text) };
    case 'history':
      if (command.action === 'clear') {
        const transfers = world.history.splice(0).length;
        return { reply: 'forgotten', transfers };
      }
      return { reply: 'history', transfers: past(world.history, command) };
    case 'setting':
      if (command.action === 'change') changeSetting(stage, command.key, command.value);
      if (command.action !== 'list') return DONE;
      return { reply: 'settings', settings: world.settings, problems: world.problems };
  }
}

function obeyNearby({ world, tell, later }: Stage, command: NearbyCommand): AnyReply {
  switch (command.action) {
    case 'look':
      later(0, () => tell({ event: 'nearby_changed', nearby: world.nearby }));
      break;
    case 'look_away':
      break;
    case 'show':
      world.status.visible_s = VISIBLE_S;
      tell({ event: 'visible', seconds: VISIBLE_S });
      break;
    case 'hide':
      world.status.visible_s = 0;
      tell({ event: 'visible', seconds: 0 });
      break;
    case 'tap': {
      const { name } = found(
        world.nearby.find((it) => it.id === command.id),
        'usage',
      );
      const words = 'harbour violin pepper autumn ladder cobalt';
      world.status.comparison = { words, peer: name };
      later(MEETING_MS, () => tell({ event: 'comparison_words', words, peer: name }));
      break;
    }
  }
  return DONE;
}

function obeyContact(stage: Stage, command: ContactCommand): AnyReply {
  if (command.action === 'list') return { reply: 'contacts', contacts: stage.world.contacts };
  const contact = found(contactOf(stage, command.contact), 'unknown_contact');
  if (command.action === 'rename') contact.name = command.name;
  if (command.action === 'block') contact.blocked = command.blocked;
  if (command.action === 'mute') contact.muted = command.muted;
  if (command.action === 'relay') contact.relay = command.wish;
  if (command.action === 'verify') {
    Object.assign(contact, {
      verified: command.verified,
      key_changed: false,
      verified_at: '2027-05-12T14:02:00Z',
    });
  }
  if (command.action === 'remove') {
    stage.world.contacts = stage.world.contacts.filter((it) => it !== contact);
  }
  return { reply: 'contact', contact: contact.contact };
}

function obeyGroup({ world }: Stage, command: GroupCommand): AnyReply {
  if (command.action === 'list') return { reply: 'groups', groups: world.groups };
  if (command.action === 'create') {
    world.groups.push({ name: command.group, members: command.members });
    return DONE;
  }
  const group = found(
    world.groups.find((it) => it.name === command.group),
    'unknown_contact',
  );
  if (command.action === 'rename') group.name = command.name;
  if (command.action === 'remove') world.groups = world.groups.filter((it) => it !== group);
  if (command.action === 'add') group.members = [...new Set([...group.members, ...command.members])];
  if (command.action === 'drop') group.members = group.members.filter((it) => !command.members.includes(it));
  return DONE;
}

type AboutTransfers = { command: 'transfer' } & TransferCommand;

function obeyTransfer({ world, tell }: Stage, command: AboutTransfers): AnyReply {
  if (world.broken) throw refusal('internal');
  if (command.action === 'list') return { reply: 'transfers', transfers: world.transfers };
  if (!('transfer' in command)) {
    if (command.action === 'cancel_all') world.transfers = [];
    return DONE;
  }
  const transfer = found(
    world.transfers.find((it) => it.transfer === command.transfer),
    'unknown_transfer',
  );
  const id = transfer.transfer;
  switch (command.action) {
    case 'entries': {
      const all = world.entries[id] ?? [];
      const entries = all.slice(command.offset, command.offset + command.limit);
      return { reply: 'entries', total: all.length, entries };
    }
    case 'pause':
      Object.assign(transfer, { state: 'paused', reason: 'here' });
      tell({ event: 'transfer_paused', transfer: id, reason: 'here' });
      return DONE;
    case 'resume':
    case 'retry':
      Object.assign(transfer, { state: 'active' });
      world.rates[id] ??= 24_000_000;
      tell({ event: 'transfer_resumed', transfer: id });
      return DONE;
    case 'cancel':
    case 'forget':
      world.transfers = world.transfers.filter((it) => it !== transfer);
      tell({ event: 'transfer_failed', transfer: id, code: 'cancelled', message: 'cancelled' });
      return DONE;
    default:
      return DONE;
  }
}

function answerOffer({ world, tell }: Stage, transfer: string, accepted: boolean): void {
  const offered = found(
    world.transfers.find((it) => it.transfer === transfer),
    'unknown_transfer',
  );
  if (accepted) {
    Object.assign(offered, { state: 'active' });
    world.rates[transfer] = 64_000_000;
    tell({ event: 'transfer_resumed', transfer });
  } else {
    world.transfers = world.transfers.filter((it) => it !== offered);
    tell({ event: 'transfer_failed', transfer, code: 'declined', message: 'declined' });
  }
}

type Search = { search: string | null; with: string | null; limit: number };

function past(all: HistoryView[], { search, with: peer, limit }: Search): HistoryView[] {
  const needle = search?.toLocaleLowerCase() ?? '';
  const fits = (it: HistoryView) => it.names.some((name) => name.toLocaleLowerCase().includes(needle));
  return all.filter((it) => fits(it) && (peer === null || it.peer === peer)).slice(0, limit);
}

function linkOf(text: string): LinkView {
  const [, aim, code, server] = /^wherry:(pair|receive)\/([^@]+)@?(.*)$/.exec(text) ?? [];
  if (!code) throw refusal('usage');
  const is_other_server = Boolean(server) && server !== 'meet.example.org';
  const known = aim === 'pair' || aim === 'receive' ? aim : null;
  return { aim: known, code, server: server || null, server_in_force: 'meet.example.org', is_other_server };
}

function changeSetting({ world }: Stage, key: string, value: string | null): void {
  const row = found(
    world.settings.find((it) => it.key === key),
    'usage',
  );
  if (row.locked || value === 'refuse') throw refusal('usage');
  Object.assign(row, { value, source: value === null ? 'default' : 'file' });
}

export function contactOf({ world }: Stage, nameOrId: string) {
  return world.contacts.find((it) => it.contact === nameOrId || it.name === nameOrId);
}

export function found<T>(
  thing: T | undefined,
  otherwise: 'usage' | 'unknown_contact' | 'unknown_transfer',
): T {
  if (thing === undefined) throw refusal(otherwise);
  return thing;
}

export const DONE: AnyReply = { reply: 'done' };

const VISIBLE_S = 600;
const MEETING_MS = 900;
