import type { AnyReply } from '../backend';
import type { PairingCommand } from '../contract';
import { joinDevices } from './identity';
import type { Stage } from './mock';
import { person } from './people';

const WORDS = 'harbour violin pepper autumn ladder cobalt';
const LINK = 'wherry:pair/7-lunar-basil@meet.example.org';
const MEETING_MS = 900;

/** Plays the other device: any code meets Noor, except the one that everybody tries first. */
export function obeyPairing(stage: Stage, command: PairingCommand): AnyReply {
  const { world, tell, later } = stage;
  switch (command.action) {
    case 'issue':
      world.status.issued_code = { code: '7-lunar-basil', expires_in_s: 600, link: LINK };
      later(0, () => tell({ event: 'code_issued', code: '7-lunar-basil', expires_in_s: 600, link: LINK }));
      break;
    case 'claim':
    case 'claim_at':
      if (command.code === '1-wrong-code') {
        later(MEETING_MS, () => tell({ event: 'pairing_failed', code: 'wrong_code', message: '' }));
        break;
      }
      world.status.comparison = { words: WORDS, peer: 'Noor' };
      later(MEETING_MS, () => tell({ event: 'comparison_words', words: WORDS, peer: 'Noor' }));
      break;
    case 'decide': {
      const withOwnDevice = world.status.comparison?.peer === "Ana's phone";
      world.status = { ...world.status, issued_code: null, comparison: null };
      if (!command.add) {
        tell({ event: 'pairing_failed', code: 'pairing_stopped', message: '' });
        break;
      }
      if (withOwnDevice) {
        joinDevices(stage);
        break;
      }
      world.contacts.push(
        person('c9', 'Noor', { verified: command.compared, connected: true, path: 'direct' }),
      );
      tell({ event: 'contact_added', contact: 'c9', name: 'Noor', verified: command.compared });
      break;
    }
    case 'replace':
      break;
  }
  return { reply: 'done' };
}
