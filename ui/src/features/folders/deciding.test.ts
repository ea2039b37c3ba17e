import { describe, expect, it } from 'vitest';

import { mockBackend } from '../../lib/backend/mock/mock';
import { answer } from '../../lib/backend/backend';
import type { ConflictSide, ConflictView } from '../../lib/backend/contract';
import { Deciding, decisionsFor, sameFor, sidesOf } from './deciding';

const side = (by: string | null, own = false): ConflictSide => ({ by, this: own, modified_ms: 0, bytes: 1 });
const conflict = (path: string, present: ConflictSide, kept: ConflictSide): ConflictView => ({
  path,
  copy: `${path} (copy)`,
  present,
  kept,
});
const mineStayed = conflict('a', side('Ana', true), side('Jon'));
const mineWasMoved = conflict('b', side('Jon'), side('Ana', true));
const ofOthers = conflict('c', side('Mia'), side('Jon'));

describe('a decision', () => {
  it('for all keeps whose version it is, wherever that lies', () => {
    expect(sameFor(mineStayed, 'present', mineWasMoved)).toBe('copy');
    expect(sameFor(mineStayed, 'kept', mineWasMoved)).toBe('present');
    expect(sameFor(mineStayed, 'kept', ofOthers)).toBe('copy');
    expect(sameFor(mineStayed, 'both', ofOthers)).toBe('both');
  });

  it('leaves open what it says nothing about', () => {
    expect(sameFor(mineStayed, 'present', ofOthers)).toBeNull();
    const all = [mineStayed, mineWasMoved, ofOthers];
    const decided = decisionsFor(all, mineStayed, 'present', true);
    expect(decided.map((it) => it.conflict.path)).toEqual(['a', 'b']);
    expect(decisionsFor(all, mineStayed, 'both', false)).toHaveLength(1);
  });

  it("is asked with one's own version first", () => {
    expect(sidesOf(mineStayed)).toEqual(['present', 'kept']);
    expect(sidesOf(mineWasMoved)).toEqual(['kept', 'present']);
  });

  it('can be taken back: both files are there again', async () => {
    const backend = mockBackend({ scenario: 'folders', still: true });
    const inside = (wish: { wish: 'conflicts' } | { wish: 'files'; offset: number; limit: number }) =>
      ({ command: 'folder', action: 'inside', folder: 'f1', wish }) as const;
    const conflicts = async () =>
      (await answer(backend, inside({ wish: 'conflicts' }), 'folder_conflicts')).conflicts;
    const paths = async () => {
      const { files } = await answer(
        backend,
        inside({ wish: 'files', offset: 0, limit: 500 }),
        'folder_files',
      );
      return files.map((it) => it.path);
    };
    const [first] = await conflicts();
    if (!first) throw new Error('the scenario has a conflict');
    for (const choice of ['present', 'copy'] as const) {
      const deciding = new Deciding(mockBackend({ scenario: 'folders', still: true }), 'f1');
      await deciding.decide([{ conflict: first, choice }]);
      await deciding.undo([{ conflict: first, choice }]);
    }
    const deciding = new Deciding(backend, 'f1');
    const before = await paths();
    await deciding.decide([{ conflict: first, choice: 'copy' }]);
    expect(await conflicts()).not.toContainEqual(first);
    expect(await paths()).not.toContain(first.copy);
    await deciding.undo([{ conflict: first, choice: 'copy' }]);
    expect((await paths()).toSorted()).toEqual(before.toSorted());
  });
});
