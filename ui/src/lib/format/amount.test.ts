import { describe, expect, it } from 'vitest';

import { formatBytes, formatPart, formatPercent, formatRate, share } from './amount';

describe('amounts', () => {
  it('are in the unit in which people speak of them', () => {
    expect(formatBytes(0, 'en-GB')).toBe('0 bytes');
    expect(formatBytes(999, 'en-GB')).toBe('999 bytes');
    expect(formatBytes(20_000, 'en-GB')).toBe('20 kB');
    expect(formatBytes(1_200_000_000, 'en-GB')).toBe('1.2 GB');
    expect(formatBytes(1_200_000_000, 'de')).toBe('1,2\u00a0GB');
  });

  it('keep the part in the unit of the whole', () => {
    expect(formatPart(620_000_000, 1_000_000_000, 'en-GB')).toEqual({ part: '620', whole: '1,000 MB' });
    expect(formatPart(0, 64_300_000_000, 'en-GB')).toEqual({ part: '0', whole: '64 GB' });
  });

  it('of a second say so', () => {
    expect(formatRate(112_000_000, 'en-GB')).toBe('112 MB/s');
  });

  it('are never called whole before they are', () => {
    expect(share(999_999, 1_000_000)).toBe(0.99);
    expect(share(1, 0)).toBe(0);
    expect(share(1000, 1000)).toBe(0.99);
    expect(formatPercent(3, 2, 'en-GB')).toBe('99%');
    expect(formatPercent(997, 1000, 'en-GB')).toBe('99%');
  });
});
