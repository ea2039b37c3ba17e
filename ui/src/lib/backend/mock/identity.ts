import type { AnyReply } from '../backend';
import type { IdentityCommand } from '../contract';
import type { Stage } from './mock';
import { DONE } from './obey';
import { someDevice } from './people';

const WORDS = 'meadow copper lantern finch orbit willow';
const MEETING_MS = 900;

/** Plays a person's other device: any code meets the tablet. */
export function obeyIdentity({ world, tell, later }: Stage, command: IdentityCommand): AnyReply {
  switch (command.action) {
    case 'devices':
      return { reply: 'devices', devices: world.devices };
    case 'revoke':
      world.devices = world.devices.filter((it) => it.this || it.name !== command.device);
      return DONE;
    case 'add_device':
      world.status.issued_code = { code: '5-copper-meadow', expires_in_s: 600, link: null };
      later(0, () => tell({ event: 'code_issued', code: '5-copper-meadow', expires_in_s: 600, link: null }));
      return DONE;
    case 'join':
      if (command.code === '1-wrong-code') {
        later(MEETING_MS, () => tell({ event: 'pairing_failed', code: 'wrong_code', message: '' }));
        return DONE;
      }
      world.status.comparison = { words: WORDS, peer: "Ana's phone" };
      later(MEETING_MS, () => tell({ event: 'comparison_words', words: WORDS, peer: "Ana's phone" }));
      return DONE;
    case 'show':
      return { reply: 'identity', device_id: world.devices[0]?.device_id ?? '', name: world.deviceName };
    case 'export':
    case 'import':
      return DONE;
    case 'renew':
      world.devices = world.devices.map((it) => (it.this ? someDevice(it.name, 'R3NW', true) : it));
      return DONE;
  }
}

/** What comes of it once both have said that the words are the same. */
export function joinDevices({ world, tell }: Stage): void {
  world.devices.push(someDevice("Ana's phone", 'PH0N', false));
  tell({ event: 'device_ready', name: "Ana's phone", contacts: 5 });
}
