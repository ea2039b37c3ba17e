import type { ErrorCode, FolderDetail, FolderMemberView, FolderView } from '../../lib/backend/contract';
import { formatBytes } from '../../lib/format/amount';
import { t, words, type Args } from '../../lib/i18n/words.svelte';
import type { State } from '../../lib/state/state';

/** One sentence on how a folder stands. */
export interface Standing {
  key: string;
  args: Args;
  tone: 'quiet' | 'need' | 'grave';
}

/** How much in a folder waits for a person. */
export function needs(state: State, { folder }: FolderView): number {
  const detail = state.folderDetails[folder];
  if (!detail) return 0;
  return detail.conflicts + (detail.deletions > 0 ? 1 : 0);
}

/** What waits for a person comes before what goes on by itself. */
export function standingOf(folder: FolderView, detail: FolderDetail | undefined): Standing {
  const still = resting(folder);
  if (still) return still;
  if (!detail) return quiet('folder-looking');
  return waiting(detail) ?? going(folder, detail);
}

/** Whether it may stand otherwise in a moment: files come, or somebody who is there is not in step. */
export function isMoving({ state }: FolderView, detail: FolderDetail | undefined): boolean {
  if (state === 'looking' || state === 'syncing') return true;
  return (
    state === 'up_to_date' && (detail?.members ?? []).some((it) => !it.this && it.connected && !it.in_step)
  );
}

/** What it holds, and with whom. */
export function aboutOf({ members }: FolderView, { files }: FolderDetail): Standing {
  const names = listed(members);
  return names === ''
    ? quiet('folder-files', { count: files })
    : quiet('folder-files-with', { count: files, names });
}

export function listed(names: string[]): string {
  const list = new Intl.ListFormat(words.figures, { type: 'conjunction' });
  return list.format(new Set(names));
}

/** Words of folders where those of transfers do not fit. */
export function whyStopped(code: ErrorCode): string {
  return words.has(`folder-why-${code}`)
    ? t(`folder-why-${code}`)
    : t(`problem-${code}-fact`, { known: 'no' });
}

function resting(folder: FolderView): Standing | null {
  switch (folder.state) {
    case 'invited':
      return quiet('folder-invited', { name: folder.from ?? t('somebody') });
    case 'paused':
      return quiet('folder-paused');
    case 'removed':
      return { key: 'folder-removed', args: {}, tone: 'need' };
    case 'stopped':
      return {
        key: 'folder-stopped',
        args: { why: whyStopped(folder.code) },
        tone: 'grave',
      };
    case 'looking':
    case 'syncing':
    case 'up_to_date':
      return null;
  }
}

function waiting({ conflicts, deletions, local_changes: changes }: FolderDetail): Standing | null {
  if (conflicts > 0) return { key: 'folder-conflicts', args: { count: conflicts }, tone: 'need' };
  if (deletions > 0) return { key: 'folder-deletions', args: { count: deletions }, tone: 'need' };
  if (changes > 0) return { key: 'folder-local-changes', args: { count: changes }, tone: 'need' };
  return null;
}

function going({ state, members }: FolderView, detail: FolderDetail): Standing {
  if (state === 'looking') return quiet('folder-looking');
  if (members.length === 0) return quiet('folder-alone');
  const others = detail.members.filter((it) => !it.this);
  const here = namesOf(others.filter((it) => it.connected));
  if (detail.behind > 0) {
    const size = formatBytes(detail.behind_bytes, words.figures);
    if (here === '') return quiet('folder-behind-away', { count: detail.behind });
    return detail.behind_bytes > 0
      ? quiet('folder-behind-bytes', { size, names: here })
      : quiet('folder-behind', { count: detail.behind, names: here });
  }
  const inStep = namesOf(others.filter((it) => it.connected && it.in_step));
  if (state === 'up_to_date' && inStep !== '') return quiet('folder-up-to-date', { names: inStep });
  return here === '' ? quiet('folder-nobody-here') : quiet('folder-syncing', { names: here });
}

function namesOf(members: FolderMemberView[]): string {
  return listed(members.map((it) => it.name));
}

function quiet(key: string, args: Args = {}): Standing {
  return { key, args, tone: 'quiet' };
}
