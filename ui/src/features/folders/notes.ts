import type { FolderNote } from '../../lib/backend/contract';
import type { Args } from '../../lib/i18n/words.svelte';

/** The words for what a person should know of a folder. */
export function wordsOf(note: FolderNote): { key: string; args: Args } {
  switch (note.note) {
    case 'watch_limit':
      return { key: 'folder-note-watch-limit', args: {} };
    case 'not_watched':
      return { key: 'folder-note-not-watched', args: { reason: note.reason } };
    case 'bad_rules':
      return note.line === null
        ? { key: 'folder-note-long-rules', args: {} }
        : { key: 'folder-note-bad-rule', args: { line: note.line } };
    case 'disk_full':
      return { key: 'folder-note-disk-full', args: {} };
    case 'stopped':
      return { key: 'folder-note-stopped', args: { reason: note.reason } };
    case 'left_out':
      return { key: 'folder-note-left-out', args: { count: note.count, name: note.first } };
  }
}
