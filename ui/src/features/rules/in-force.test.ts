import { describe, expect, it } from 'vitest';

import type { RuleView } from '../../lib/backend/contract';
import { inForce, inherited, NOTHING_SAID } from './in-force';

const rules: RuleView[] = [
  { contact: null, name: null, rule: { ...NOTHING_SAID, into: '{sender}', accept: true }, suspended: null },
  { contact: 'c1', name: 'Mia', rule: { ...NOTHING_SAID, accept: false }, suspended: null },
];

describe('a receiving rule', () => {
  it('follows the rule for everybody where it says nothing', () => {
    expect(inForce(rules, 'c1')).toMatchObject({ accept: false, into: '{sender}', executables: false });
    expect(inForce(rules, 'c2')).toMatchObject({ accept: true, into: '{sender}' });
  });

  it('follows the program where nobody says anything', () => {
    expect(inherited(rules, null)).toMatchObject({ accept: false, into: '' });
    expect(inForce([], 'c1').ceiling_bytes).toBe(10_737_418_240);
  });
});
