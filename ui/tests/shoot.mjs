// Pictures of every screen, to be looked at: npm run shots [-- name-part [locale]]
import { mkdirSync } from 'node:fs';

import { openBrowser, openScreen, SCREENS } from './page.mjs';

const [part = '', onlyLocale] = process.argv.slice(2);
const WIDE = { width: 1180, height: 760 };
const NARROW = { width: 320, height: 640 };
const LOOKS = [
  { name: 'light', theme: 'light' },
  { name: 'dark', theme: 'dark' },
  { name: 'light-narrow', theme: 'light', viewport: NARROW },
  { name: 'light-ar', theme: 'light', locale: 'ar' },
  { name: 'light-de', theme: 'light', locale: 'de' },
  { name: 'contrast', theme: 'light', contrast: 'more' },
  { name: 'forced', theme: 'light', forcedColors: 'active' },
];

mkdirSync('screenshots', { recursive: true });
const { browser, address, close } = await openBrowser();
for (const { name, theme, locale = 'en', viewport = WIDE, ...wishes } of LOOKS) {
  if (onlyLocale && onlyLocale !== locale) continue;
  const context = await browser.newContext({
    locale: 'en-GB',
    reducedMotion: 'reduce',
    viewport,
    ...wishes,
  });
  for (const screen of SCREENS.filter((it) => it.name.includes(part))) {
    const { page, faults } = await openScreen(context, address, { ...screen, locale, theme });
    await page.screenshot({ path: `screenshots/${screen.name}-${name}.png` });
    if (faults.length > 0) console.log(screen.name, faults);
    await page.close();
  }
  await context.close();
}
await close();
