import type { Contact, DeviceView, GroupView, RuleView } from '../contract';
import { OPEN_RULE, ruleOf } from './rules';
import { at } from './world';

/** Five people: on this network twice, relayed, being searched, away. */
export function fivePeople(): Contact[] {
  return [
    person('c1', 'Mia', {
      connected: true,
      path: 'local',
      verified: true,
      verified_at: at(24 * 9),
      devices: [
        { device_id: 'M3QA-77TD-KX4W-9PLE', name: 'Desk, ThinkPad', this: false, connected: true },
        { device_id: 'B8NN-2RRC-V61M-AAT0', name: 'Phone', this: false, connected: false },
      ],
    }),
    person('c2', 'Studio NAS', {
      connected: true,
      path: 'local',
      verified: true,
      verified_at: at(24 * 9),
      devices: [{ device_id: 'N0AS-4QWE-8ZZP-L2K1', name: 'Studio NAS', this: false, connected: true }],
    }),
    person('c3', 'Jon', {
      connected: true,
      path: 'relay',
      words: 'harbour violin pepper autumn ladder cobalt',
      devices: [{ device_id: 'J7ON-11KD-PQX3-C5V8', name: "Jon's MacBook", this: false, connected: true }],
    }),
    person('c4', 'دينا', {
      searching: true,
      verified: true,
      verified_at: at(24 * 40),
      devices: [{ device_id: 'D1NA-6YTR-EE20-QW9X', name: 'حاسوب دينا', this: false, connected: false }],
    }),
    person('c5', 'Ravi', {
      last_seen_at: at(24),
      verified: true,
      verified_at: at(24 * 100),
      devices: [{ device_id: 'R4VI-0PLM-NB8C-XZ5A', name: 'Workshop PC', this: false, connected: false }],
    }),
  ];
}

export function twoGroups(): GroupView[] {
  return [{ name: 'Site team', members: ['Jon', 'Mia', 'Ravi'] }];
}

export function person(contact: string, name: string, rest: Partial<Contact>): Contact {
  return {
    contact,
    name,
    verified: false,
    blocked: false,
    connected: false,
    muted: false,
    muted_for_s: null,
    relay: null,
    key_changed: false,
    devices: [],
    path: null,
    searching: false,
    here: rest.connected ?? false,
    last_seen_at: null,
    verified_at: null,
    words: 'harbour violin pepper autumn ladder cobalt',
    ...rest,
  };
}

/** What was said about receiving: something for Mia, something for everybody. */
export function twoRules(): RuleView[] {
  const mia = fivePeople().find((it) => it.name === 'Mia') ?? null;
  return [
    ruleOf(null, { ...OPEN_RULE, into: '{sender}' }),
    ruleOf(mia, { ...OPEN_RULE, accept: true, ceiling_bytes: 4 * 1024 ** 3 }),
  ];
}

export function someDevice(name: string, id: string, isThis: boolean): DeviceView {
  return { device_id: `${id}-4QWE-8ZZP-L2K1`, name, this: isThis, connected: true };
}
