import { expect, it } from 'vitest';

import type { FolderMemberView } from '../../lib/backend/contract';
import { fivePeople } from '../../lib/backend/mock/people';
import { grantsOf, peopleOf } from './grants';

const member = (device_id: string, name: string, rest: Partial<FolderMemberView> = {}): FolderMemberView => ({
  device_id,
  name,
  role: 'change',
  this: false,
  connected: false,
  in_step: false,
  ...rest,
});

it('takes the devices of one person for one person', () => {
  const people = peopleOf(
    [
      member('own', 'Ana', { role: 'owner', this: true }),
      member('M3QA-77TD-KX4W-9PLE', 'Mia', { connected: true, in_step: true }),
      member('B8NN-2RRC-V61M-AAT0', 'Mia', { role: 'admin' }),
      member('somebody-elses', 'Kim'),
    ],
    fivePeople(),
  );
  expect(people.map((it) => [it.name, it.contact, it.role, it.devices])).toEqual([
    ['Ana', null, 'owner', 1],
    ['Mia', 'c1', 'admin', 2],
    ['Kim', null, 'change', 1],
  ]);
  expect(people[1]).toMatchObject({ connected: true, inStep: true });
});

it('asks once for each thing that people may do', () => {
  expect(grantsOf('f', { c1: 'change', c2: 'read', c3: 'change' })).toEqual([
    { action: 'grant', folder: 'f', members: ['c1', 'c3'], role: 'change' },
    { action: 'grant', folder: 'f', members: ['c2'], role: 'read' },
  ]);
  expect(grantsOf('f', {})).toEqual([]);
});
