import { describe, expect, it } from 'vitest';

import { partsOf, shortened, withoutSteering } from './parts';

describe('a message', () => {
  it('keeps names apart from the words around them', () => {
    expect(partsOf('Send to \u2068Mia\u2069 now')).toEqual(['Send to ', ['Mia'], ' now']);
  });

  it('keeps a name apart that stands in another part', () => {
    expect(partsOf('\u2068\u2068talk.mp4\u2069 and more\u2069')).toEqual([[['talk.mp4'], ' and more']]);
  });

  it('is not turned around by marks in a name', () => {
    expect(withoutSteering('gpj.\u202eexe')).toBe('gpj.exe');
    expect(withoutSteering('a\u2069b\u2068c')).toBe('abc');
    expect(withoutSteering('دينا')).toBe('دينا');
  });

  it('survives marks that do not match', () => {
    expect(partsOf('a\u2069b')).toEqual(['a', 'b']);
    expect(partsOf('a\u2068b').flat(3).join('')).toBe('ab');
  });
});

it('shortens only what is longer than a name may be, and keeps both ends', () => {
  expect(shortened('x'.repeat(64))).toHaveLength(64);
  const short = shortened(`${'Mia'.repeat(200)}.tar.gz`);
  expect([...short]).toHaveLength(64);
  expect(short.startsWith('MiaMia')).toBe(true);
  expect(short.endsWith('.tar.gz')).toBe(true);
  expect(shortened('👩‍🚀'.repeat(40)).includes('�')).toBe(false);
});
