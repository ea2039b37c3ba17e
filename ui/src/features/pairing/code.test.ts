import { expect, it } from 'vitest';

import { tidyCode } from './code';

it('takes a code however it was typed or pasted', () => {
  for (const typed of ['7-lunar-basil', ' 7 lunar basil ', '7–Lunar–Basil']) {
    expect(tidyCode(typed)).toBe('7-lunar-basil');
  }
});

it('takes nothing that can be no code', () => {
  for (const typed of [
    '',
    'lunar-basil',
    '7',
    '7-lunar',
    'x-lunar-basil',
    '7-lunar-b4sil',
    'wherry:pair/7-lunar-basil',
  ]) {
    expect(tidyCode(typed)).toBeNull();
  }
});
