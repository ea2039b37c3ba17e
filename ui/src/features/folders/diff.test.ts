import { describe, expect, it } from 'vitest';

import { compared } from './diff';

const ownOf = (one: string, other: string) =>
  compared(one, other).map((side) => side.filter((it) => it.own).map((it) => it.text));

describe('two texts', () => {
  it('that are the same differ nowhere', () => {
    expect(ownOf('a\nb\n', 'a\nb')).toEqual([[], []]);
  });

  it('differ in the lines that only one of them has', () => {
    expect(ownOf('head\nold\ntail', 'head\nnew\nmore\ntail')).toEqual([['old'], ['new', 'more']]);
    expect(ownOf('', 'all\nof it')).toEqual([[], ['all', 'of it']]);
    expect(ownOf('a\r\nb\r\n', 'a\nb\n')).toEqual([[], []]);
  });

  it('keep what both have, in its order', () => {
    for (let seed = 1; seed < 200; seed += 1) {
      const [one, other] = [someText(seed), someText(seed * 7 + 3)];
      const sides = compared(one, other);
      const common = sides.map((side) => side.filter((it) => !it.own).map((it) => it.text));
      expect(common[0], `${one} | ${other}`).toEqual(common[1]);
      expect(sides.map((side) => side.map((it) => it.text).join('\n'))).toEqual([one, other]);
    }
  });

  it('that have nothing in common and are long are told so at once', () => {
    const many = (letter: string) =>
      Array.from({ length: 3_000 }, (_, line) => `${letter}${line}`).join('\n');
    const [one, other] = compared(many('a'), many('b'));
    expect(one.every((it) => it.own) && other.every((it) => it.own)).toBe(true);
  });
});

/** The same for the same number: a few lines out of four letters. */
function someText(seed: number): string {
  const lines = [];
  for (let state = seed, line = 0; line < 1 + (seed % 9); line += 1) {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    lines.push('abcd'[state % 4] ?? 'a');
  }
  return lines.join('\n');
}
