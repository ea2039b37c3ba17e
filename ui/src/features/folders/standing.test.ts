import { describe, expect, it } from 'vitest';

import { everyFolder } from '../../lib/backend/mock/shared';
import { EMPTY } from '../../lib/state/state';
import { isMoving, needs, standingOf } from './standing';

const shared = everyFolder();
const named = (name: string) => {
  const found = shared.find((it) => it.view.name === name);
  if (!found) throw new Error(name);
  return found;
};
const keyOf = (name: string) => standingOf(named(name).view, named(name).detail).key;

describe('a folder', () => {
  it('says first what waits for a person', () => {
    const { view, detail } = named('Plans 2027');
    expect(standingOf(view, detail)).toMatchObject({ key: 'folder-conflicts', tone: 'need' });
    expect(standingOf(view, { ...detail, conflicts: 0, deletions: 40 }).key).toBe('folder-deletions');
    expect(standingOf(view, { ...detail, conflicts: 0, local_changes: 1 }).key).toBe('folder-local-changes');
    const state = { ...EMPTY, folderDetails: { [view.folder]: { ...detail, deletions: 40 } } };
    expect(needs(state, view)).toBe(detail.conflicts + 1);
  });

  it('says who is in step, and what is to come from whom', () => {
    expect(keyOf('Site photos')).toBe('folder-up-to-date');
    expect(standingOf(named('Ledger').view, named('Ledger').detail).args).toMatchObject({ names: 'Mia' });
    expect(keyOf('Old drafts')).toBe('folder-paused');
    const { view, detail } = named('Ledger');
    const away = { ...detail, members: detail.members.map((it) => ({ ...it, connected: it.this })) };
    expect(standingOf(view, away).key).toBe('folder-behind-away');
    expect(standingOf(view, { ...away, behind: 0 }).key).toBe('folder-nobody-here');
  });

  it('is looked at again until everybody who is there is in step', () => {
    const { view, detail } = named('Site photos');
    expect(isMoving(view, detail)).toBe(false);
    const behind = detail.members.map((it) => ({ ...it, in_step: false }));
    expect(isMoving(view, { ...detail, members: behind })).toBe(true);
    const away = behind.map((it) => ({ ...it, connected: it.this }));
    expect(isMoving(view, { ...detail, members: away })).toBe(false);
    expect(isMoving(named('Ledger').view, named('Ledger').detail)).toBe(true);
  });

  it('that stopped says why, by its code', () => {
    const { view, detail } = named('Field notes');
    expect(standingOf(view, detail)).toMatchObject({ key: 'folder-stopped', tone: 'grave' });
  });

  it('of which nothing is known yet is being looked at', () => {
    expect(standingOf(named('Ledger').view, undefined).key).toBe('folder-looking');
  });
});
