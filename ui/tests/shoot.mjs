// Pictures of every screen, to be looked at: node tests/shoot.mjs [name part] [locale] [theme]
import { mkdirSync } from 'node:fs';

import { openBrowser, openScreen, SCREENS } from './page.mjs';

const [part = '', locale = 'en', theme = 'light'] = process.argv.slice(2);
mkdirSync('screenshots', { recursive: true });
const { browser, address, close } = await openBrowser();
const context = await browser.newContext({ locale: 'en-GB', viewport: { width: 1180, height: 760 } });
for (const screen of SCREENS.filter((it) => it.name.includes(part))) {
  const { page, faults } = await openScreen(context, address, { ...screen, locale, theme });
  await page.screenshot({ path: `screenshots/${screen.name}-${theme}-${locale}.png` });
  if (faults.length > 0) console.log(screen.name, faults);
  await page.close();
}
await close();
