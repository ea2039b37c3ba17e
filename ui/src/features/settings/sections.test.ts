import { expect, it } from 'vitest';

import { settingRows } from '../../lib/backend/mock/settings';
import { sections } from './sections';

it('shows every setting once, also one that it does not know', () => {
  const [first, ...rest] = settingRows();
  const rows = [{ ...first!, key: 'brand-new' }, ...rest];
  const shown = sections(rows).flatMap((it) => it.rows.map((row) => row.key));
  expect(shown.toSorted()).toEqual(rows.map((it) => it.key).toSorted());
  expect(sections(rows).at(-1)?.name).toBe('other');
});
