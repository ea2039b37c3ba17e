import { expect, it } from 'vitest';

import type { FolderFileView } from '../../lib/backend/contract';
import { inTreeOrder } from './files';

it('puts what is in a folder right behind it, whatever else begins with its name', () => {
  const file = (path: string): FolderFileView => ({ path, folder: false, bytes: 1, state: 'here' });
  const order = inTreeOrder(['a', 'a b', 'a-b', 'a/c', 'a/c/d', 'a/b', 'b'].map(file)).map((it) => it.path);
  expect(order).toEqual(['a', 'a/b', 'a/c', 'a/c/d', 'a b', 'a-b', 'b']);
});
