// Pictures of every screen, to be looked at: npm run shots [-- name-part [locale]]
// With --readme only those of the README, into docs/images.
import { mkdirSync } from 'node:fs';

import { openBrowser, openScreen, SCREENS } from './page.mjs';

const readme = process.argv.includes('--readme');
const [part = '', locale] = process.argv.slice(2).filter((it) => !it.startsWith('--'));
const WIDE = { width: 1180, height: 760 };
const NARROW = { width: 320, height: 640 };
const README_SIZE = { width: 960, height: 600 };
const LOOKS = [
  { name: 'light', theme: 'light' },
  { name: 'dark', theme: 'dark' },
  { name: 'light-narrow', theme: 'light', viewport: NARROW },
  { name: 'light-ar', theme: 'light', locale: 'ar' },
  { name: 'light-de', theme: 'light', locale: 'de' },
  { name: 'contrast', theme: 'light', contrast: 'more' },
  { name: 'forced', theme: 'light', forcedColors: 'active' },
];
const SHOWN_IN_README = [
  { screen: 'people', theme: 'light' },
  { screen: 'drop', theme: 'dark' },
  { screen: 'incoming', theme: 'dark' },
  { screen: 'add-contact', theme: 'light' },
];

const { browser, address, close } = await openBrowser();
if (readme) await shootReadme();
else for (const look of looks()) await shootAll(look);
await close();

function looks() {
  if (!locale) return LOOKS;
  const known = LOOKS.filter((it) => (it.locale ?? 'en') === locale);
  return known.length > 0 ? known : [{ name: `light-${locale}`, theme: 'light', locale }];
}

async function shootAll({ name, ...look }) {
  for (const screen of SCREENS.filter((it) => it.name.includes(part))) {
    await shoot(screen, look, `screenshots/${screen.name}-${name}.png`);
  }
}

async function shootReadme() {
  for (const { screen: name, theme } of SHOWN_IN_README) {
    const screen = SCREENS.find((it) => it.name === name);
    await shoot(screen, { theme, viewport: README_SIZE }, `../docs/images/${name}-${theme}.png`);
  }
}

async function shoot(screen, { theme, locale = 'en', viewport = WIDE, ...wishes }, path) {
  mkdirSync(path.slice(0, path.lastIndexOf('/')), { recursive: true });
  const context = await browser.newContext({
    locale: 'en-GB',
    timezoneId: 'UTC',
    reducedMotion: 'reduce',
    viewport,
    ...wishes,
  });
  const { page, faults } = await openScreen(context, address, { ...screen, locale, theme });
  await page.screenshot({ path });
  if (faults.length > 0) console.log(path, faults);
  await context.close();
}
