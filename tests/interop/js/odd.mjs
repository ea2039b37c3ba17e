import assert from 'node:assert/strict';

import { Ours } from './ours.mjs';

/** What browsers allow, and seldom do. */
export const CASES = {
  'empty messages, text and bytes': async (ours, theirs) => {
    await theirs.send('first', 0, 1, true);
    await theirs.send('first', 0, 1, false);
    await theirs.send('first', 5, 1, true);
    assert.deepEqual(await theirs.heard('first', 3), ['text 0', 'binary 0', 'text 5']);
  },
  'messages of 256 KiB, both ways': async (ours, theirs) => {
    await theirs.open('large', {});
    await theirs.opened('large');
    await theirs.send('large', 262_144, 8, false);
    assert.deepEqual(await theirs.heard('large', 8), Array(8).fill('binary 262144'));
  },
  'channels that we open, and what they promise': async (ours, theirs) => {
    ours.tell('open theirs-strict true reliable');
    ours.tell('open theirs-loose false retransmits=3');
    ours.tell('open theirs-late true lifetime=250');
    await theirs.opened('theirs-late');
    assert.deepEqual(promise(await theirs.describe('theirs-strict')), [true, null, null]);
    assert.deepEqual(promise(await theirs.describe('theirs-loose')), [false, 3, null]);
    assert.deepEqual(promise(await theirs.describe('theirs-late')), [true, null, 250]);
    ours.tell('send theirs-loose 70000 3');
    for (let echo = 0; echo < 3; echo += 1) await ours.hear('message theirs-loose Binary 70000 ');
  },
  'what they promise': async (ours, theirs) => {
    await theirs.open('loose', { ordered: false, maxRetransmits: 2 });
    await theirs.open('late', { maxPacketLifeTime: 300 });
    assert.equal(await ours.hear('channel loose '), 'channel loose false retransmits=2');
    assert.equal(await ours.hear('channel late '), 'channel late true lifetime=300');
  },
  'closing and opening again': async (ours, theirs) => {
    for (let round = 0; round < 5; round += 1) {
      await theirs.open('again', {});
      await theirs.opened('again');
      await theirs.send('again', 1_000, 2, false);
      assert.deepEqual(await theirs.heard('again', 2), ['binary 1000', 'binary 1000']);
      await theirs.closeChannel('again');
      await ours.hear('closed again');
      await theirs.closed('again');
    }
    ours.tell('open theirs-ended true reliable');
    await theirs.opened('theirs-ended');
    ours.tell('close theirs-ended');
    await theirs.closed('theirs-ended');
    await ours.hear('closed theirs-ended');
  },
  'many streams at once': async (ours, theirs) => {
    const labels = Array.from({ length: 100 }, (_, number) => `many-${number}`);
    for (const label of labels) await theirs.open(label, {});
    for (const label of labels) await theirs.opened(label);
    for (const label of labels) await theirs.send(label, 3_000, 3, false);
    for (const label of labels) assert.deepEqual(await theirs.heard(label, 3), Array(3).fill('binary 3000'));
  },
  'loss: what must arrive does, in order, and what need not may be given up': async (ours, theirs) => {
    await theirs.open('quiet-lossy', { ordered: false, maxRetransmits: 0 });
    await theirs.opened('quiet-lossy');
    ours.tell('open theirs-quiet false retransmits=0');
    await theirs.opened('theirs-quiet');
    ours.tell('open quiet-sure true reliable');
    await theirs.opened('quiet-sure');
    ours.tell('lose 7');
    await theirs.send('quiet-lossy', 1_000, 300, false);
    ours.tell('send theirs-quiet 1000 300');
    // These are asked for again, and echoed across the same loss.
    await theirs.send('first', 30_000, 20, false);
    const heard = await theirs.heard('first', 23);
    assert.deepEqual(heard.slice(3), Array(20).fill('binary 30000'));
    ours.tell('lose 0');
    await theirs.send('first', 1, 1, false);
    await theirs.heard('first', 24);
    const [arrived, back] = [ours.count('message quiet-lossy '), await theirs.countOf('theirs-quiet')];
    assert.ok(arrived >= 150 && arrived < 300, `${arrived} of theirs arrived`);
    assert.ok(back <= 300, `${back} of ours arrived`);
    // Both are still good for something.
    ours.tell('send theirs-quiet 1000 1');
    await theirs.heard('theirs-quiet', back + 1);
    await theirs.send('quiet-lossy', 7, 1, false);
    await ours.hear('message quiet-lossy Binary 7 ');
  },
};

const promise = ({ ordered, maxRetransmits, maxPacketLifeTime }) => [
  ordered,
  number(maxRetransmits),
  number(maxPacketLifeTime),
];

/** In Node an old way of saying nothing is the largest number. */
const number = (value) => (value === 65_535 ? null : (value ?? null));

/** Plays all of them on one connection; returns what went wrong. */
export async function odd(program, other, weOffer) {
  const ours = new Ours(program, weOffer ? 'offer' : 'answer');
  const theirs = await other.side();
  const large = (sdp) => sdp.replace(/a=max-message-size:\d+/, 'a=max-message-size:262144');
  const problems = [];
  try {
    if (weOffer) {
      ours.tellDescription(await theirs.answer(false, large(await ours.hearDescription())));
      await ours.hear('up');
      await theirs.open('first', {});
    } else {
      ours.tellDescription(await theirs.offer(false));
      await theirs.accept(large(await ours.hearDescription()));
    }
    await theirs.opened('first');
    for (const [name, play] of Object.entries(CASES)) {
      try {
        await play(ours, theirs);
      } catch (error) {
        problems.push(`${other.name}, ${weOffer ? 'our' : 'their'} offer: ${name}: ${error.message}`);
      }
    }
  } catch (error) {
    problems.push(`${other.name}, ${weOffer ? 'our' : 'their'} offer: ${error.message}`);
  } finally {
    await theirs.end();
    ours.end();
  }
  return problems;
}
