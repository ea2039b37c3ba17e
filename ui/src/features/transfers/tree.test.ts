import { describe, expect, it } from 'vitest';

import type { EntryView } from '../../lib/backend/contract';
import { parentOf, rowsOf } from './tree';

const entries = ['a', 'a/b', 'a/b/one.txt', 'a/two.txt', 'ab.txt'].map<EntryView>((path) => ({
  path,
  bytes: 1,
  state: 'waiting',
  folder: !path.includes('.'),
}));

describe('the tree of files', () => {
  it('shows each entry below its folder', () => {
    const rows = rowsOf(entries, new Set());
    expect(rows.map((it) => `${it.level} ${it.name}`)).toEqual([
      '1 a',
      '2 b',
      '3 one.txt',
      '2 two.txt',
      '1 ab.txt',
    ]);
  });

  it('hides what is in a closed folder, and nothing beside it', () => {
    expect(rowsOf(entries, new Set(['a'])).map((it) => it.name)).toEqual(['a', 'ab.txt']);
    expect(rowsOf(entries, new Set(['a/b'])).map((it) => it.name)).toEqual(['a', 'b', 'two.txt', 'ab.txt']);
  });

  it('knows the folder that something lies in', () => {
    const rows = rowsOf(entries, new Set());
    expect(parentOf(rows, 2)).toBe(1);
    expect(parentOf(rows, 3)).toBe(0);
    expect(parentOf(rows, 4)).toBe(4);
  });
});
