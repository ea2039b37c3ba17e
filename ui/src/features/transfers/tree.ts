import type { EntryState, FolderFileState } from '../../lib/backend/contract';

/** What a transfer or a shared folder holds. */
export interface TreeEntry {
  path: string;
  folder: boolean;
  bytes: number;
  state: EntryState | FolderFileState;
}

/** A line of the tree: an entry and where it stands in it. */
export interface TreeRow {
  /** Among all entries. */
  index: number;
  entry: TreeEntry;
  /** From 1. */
  level: number;
  name: string;
  /** Of a folder; `null` of a file. */
  open: boolean | null;
}

/** The lines that can be seen while the folders in `closed` are; entries come with folders before what is in them. */
export function rowsOf(entries: TreeEntry[], closed: ReadonlySet<string>): TreeRow[] {
  const rows: TreeRow[] = [];
  let hidden = '';
  for (const [index, entry] of entries.entries()) {
    if (hidden !== '' && entry.path.startsWith(hidden)) continue;
    hidden = '';
    const parts = entry.path.split('/');
    const open = entry.folder ? !closed.has(entry.path) : null;
    if (open === false) hidden = `${entry.path}/`;
    rows.push({ index, entry, level: parts.length, name: parts.at(-1) ?? '', open });
  }
  return rows;
}

/** The line of the folder that the line at `index` lies in. */
export function parentOf(rows: TreeRow[], index: number): number {
  const level = rows[index]?.level ?? 1;
  for (let at = index - 1; at >= 0; at -= 1) {
    if ((rows[at]?.level ?? 0) < level) return at;
  }
  return index;
}
