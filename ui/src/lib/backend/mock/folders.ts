import type { AnyReply } from '../backend';
import type { ConflictChoice, FolderAction, FolderCommand, FolderRole } from '../contract';
import { refusal, type Stage } from './mock';
import { contactOf, DONE, found } from './obey';
import { shared, version, type Shared } from './shared';

export function obeyFolder(stage: Stage, command: FolderCommand): AnyReply {
  const { world } = stage;
  if (command.action === 'list') return { reply: 'folders', folders: world.folders.map((it) => it.view) };
  if (command.action === 'share') return share(stage, command);
  const folder = found(
    world.folders.find((it) => it.view.folder === command.folder),
    'usage',
  );
  switch (command.action) {
    case 'inside':
      return inside(folder, command.wish);
    case 'accept':
      Object.assign(folder.view, { state: 'syncing', place: command.place, from: null });
      Object.assign(folder.detail, { state: 'syncing', behind: 3, behind_bytes: 9_400_000 });
      break;
    case 'decline':
    case 'remove':
      world.folders = world.folders.filter((it) => it !== folder);
      return DONE;
    case 'pause':
    case 'resume':
      Object.assign(folder.view, { state: command.action === 'pause' ? 'paused' : 'up_to_date' });
      break;
    case 'grant':
      command.members.forEach((it) => grant(stage, folder, it, command.role));
      break;
    case 'drop': {
      const devices = command.members.flatMap((it) => devicesOf(stage, it));
      folder.detail.members = folder.detail.members.filter((it) => !devices.includes(it.device_id));
      folder.view.members = folder.detail.members.filter((it) => !it.this).map((it) => it.name);
      break;
    }
  }
  return { reply: 'folder', folder: folder.view.folder, name: folder.view.name };
}

function share(stage: Stage, command: Extract<FolderCommand, { action: 'share' }>): AnyReply {
  const { world } = stage;
  const name = command.name ?? command.place.split('/').at(-1) ?? '';
  if (world.folders.some((it) => it.view.place === command.place)) throw refusal('usage');
  const made = shared(`f${world.folders.length + 20}`, name, [], { state: 'up_to_date' }, { files: 5 });
  made.rules = command.ignore ?? [];
  made.view.place = command.place;
  world.folders.unshift(made);
  command.with.forEach((it) => grant(stage, made, it, command.read_only ? 'read' : 'change'));
  return { reply: 'folder', folder: made.view.folder, name };
}

function grant(stage: Stage, folder: Shared, contact: string, role: FolderRole): void {
  const { members } = folder.detail;
  const devices = devicesOf(stage, contact);
  members.filter((it) => devices.includes(it.device_id)).forEach((it) => (it.role = role));
  const known = contactOf(stage, contact);
  const device_id = devices[0];
  if (!known || device_id === undefined || members.some((it) => devices.includes(it.device_id))) return;
  members.push({
    device_id,
    name: known.name,
    role,
    this: false,
    connected: known.connected,
    in_step: false,
  });
  folder.view.members.push(known.name);
}

function devicesOf(stage: Stage, contact: string): string[] {
  return found(contactOf(stage, contact), 'unknown_contact').devices.map((it) => it.device_id);
}

function inside(folder: Shared, wish: FolderAction): AnyReply {
  const { detail, view } = folder;
  if (view.state === 'paused' || view.state === 'invited') throw refusal('usage');
  if (view.state === 'stopped') throw refusal(view.code);
  switch (wish.wish) {
    case 'status':
      return { reply: 'folder_detail', ...detail };
    case 'files': {
      const files = folder.files.slice(wish.offset, wish.offset + wish.limit);
      return { reply: 'folder_files', total: folder.files.length, files };
    }
    case 'conflicts':
      return { reply: 'folder_conflicts', conflicts: folder.conflicts };
    case 'compare':
      return { reply: 'folder_comparison', ...found(folder.contents[wish.copy], 'usage') };
    case 'decide':
      folder.conflicts
        .filter((it) => wish.copy === null || it.copy === wish.copy)
        .forEach((it) => decide(folder, it.copy, wish.choice));
      return DONE;
    case 'versions':
      return { reply: 'folder_versions', versions: folder.versions };
    case 'restore':
      return restore(folder, wish.version, wish.to);
    case 'ignore':
      folder.rules = [...new Set([...folder.rules.filter((it) => !wish.remove.includes(it)), ...wish.add])];
      return { reply: 'folder_rules', lines: folder.rules };
    case 'allow_deletions':
    case 'refuse_deletions':
      detail.deletions = 0;
      return DONE;
    case 'revert':
      detail.local_changes = 0;
      folder.files.forEach((it) => (it.state = 'here'));
      return DONE;
    default:
      return DONE;
  }
}

function decide(folder: Shared, copy: string, choice: ConflictChoice): void {
  const conflict = folder.conflicts.find((it) => it.copy === copy);
  if (!conflict) return;
  folder.conflicts = folder.conflicts.filter((it) => it !== conflict);
  folder.detail.conflicts = folder.conflicts.length;
  if (choice === 'both') return;
  const lost = choice === 'present' ? conflict.copy : conflict.path;
  folder.files = folder.files.filter((it) => it.path !== conflict.copy);
  folder.versions.unshift({ ...version(lost, -folder.versions.length, 3_100) });
}

function restore(folder: Shared, wanted: string, to: string | null): AnyReply {
  const named = folder.versions.filter((it) => it.version === wanted || it.path === wanted);
  const it = found(named.sort((one, other) => other.replaced_ms - one.replaced_ms)[0], 'usage');
  const path = to ?? it.path;
  if (folder.files.some((file) => file.path === path)) {
    folder.versions.unshift(version(path, -folder.versions.length, it.bytes));
  } else {
    folder.files.push({ path, folder: false, bytes: it.bytes, state: 'here' });
  }
  return DONE;
}
