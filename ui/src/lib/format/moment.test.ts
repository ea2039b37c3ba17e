import { describe, expect, it } from 'vitest';

import { calmDuration, formatCountdown, formatDay } from './moment';

const NOW = new Date(2027, 4, 12, 14, 2).getTime();
const at = (...parts: [number, number, number, number]) => new Date(...parts).toISOString();

describe('moments', () => {
  it('of today and yesterday are called so', () => {
    expect(formatDay(at(2027, 4, 12, 0), NOW, 'en-GB')).toBe('today');
    expect(formatDay(at(2027, 4, 11, 23), NOW, 'en-GB')).toBe('yesterday');
    expect(formatDay(at(2027, 4, 11, 23), NOW, 'de')).toBe('gestern');
  });

  it('of another year carry it', () => {
    expect(formatDay(at(2027, 4, 3, 9), NOW, 'en-GB')).toBe('3 May');
    expect(formatDay(at(2026, 4, 3, 9), NOW, 'en-GB')).toBe('3 May 2026');
  });

  it('that are counted down never fall below nothing', () => {
    expect(formatCountdown(581, 'en-GB')).toBe('9:41');
    expect(formatCountdown(-3, 'en-GB')).toBe('0:00');
  });
});

describe('the time that is left', () => {
  it('does not jump with every second', () => {
    expect(calmDuration(3)).toEqual({ unit: 'moment', count: 0 });
    expect(calmDuration(31)).toEqual({ unit: 'second', count: 40 });
    expect(calmDuration(39)).toEqual({ unit: 'second', count: 40 });
    expect(calmDuration(58)).toEqual({ unit: 'minute', count: 1 });
    expect(calmDuration(150)).toEqual({ unit: 'minute', count: 3 });
    expect(calmDuration(7000)).toEqual({ unit: 'hour', count: 2 });
  });

  it('grows with what is left, up to a day', () => {
    const seconds = { moment: 1, second: 1, minute: 60, hour: 3600 };
    let before = 0;
    for (let left = 0; left < 86_400; left += 7) {
      const { unit, count } = calmDuration(left);
      const said = seconds[unit] * count;
      expect(said).toBeGreaterThanOrEqual(before);
      before = said;
    }
  });
});
