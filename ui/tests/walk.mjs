// Visits every screen in light and dark, English and Arabic, as people do who see, hear, zoom or use keys only.
import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

import { openBrowser, openScreen, SCREENS } from './page.mjs';
import { keyboardWalk } from './keyboard.mjs';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
const MOODS = [
  { theme: 'light', locale: 'en' },
  { theme: 'dark', locale: 'en' },
  { theme: 'light', locale: 'ar' },
  { theme: 'dark', locale: 'ar' },
  { theme: 'light', locale: 'de' },
];
const NARROW = { width: 320, height: 640 };
const WIDE = { width: 1180, height: 760 };

mkdirSync('screenshots', { recursive: true });
const problems = [];
const { browser, address, close } = await openBrowser();

for (const mood of MOODS) {
  const context = await browser.newContext({ viewport: WIDE, locale: 'en-GB', reducedMotion: 'reduce' });
  for (const screen of SCREENS) await visit(context, screen, mood);
  await context.close();
}
for (const wish of [{ contrast: 'more' }, { forcedColors: 'active' }]) {
  const context = await browser.newContext({ viewport: WIDE, locale: 'en-GB', ...wish });
  for (const screen of SCREENS.slice(2, 7)) await look(context, screen, wish);
  await context.close();
}
if (!(await axeFindsBarriers())) problems.push('axe did not find a button without a name');
problems.push(...(await keyboardWalk(browser, address)));
await close();

problems.forEach((it) => console.log(it));
console.log(problems.length === 0 ? 'nothing found' : `${problems.length} found`);
process.exit(problems.length === 0 ? 0 : 1);

async function visit(context, screen, mood) {
  const name = `${screen.name}-${mood.theme}-${mood.locale}`;
  const { page, faults } = await openScreen(context, address, { ...screen, ...mood });
  await page.screenshot({ path: `screenshots/${name}.png` });
  problems.push(...faults.map((it) => `${name}: ${it}`), ...(await barriers(page, name)));
  await page.setViewportSize(NARROW);
  await page.waitForTimeout(60);
  if (mood.theme === 'light') await page.screenshot({ path: `screenshots/${name}-narrow.png` });
  problems.push(...(await overflow(page, name)), ...(await smallTargets(page, name)));
  await page.close();
}

/** A walk that finds nothing must be able to find something. */
async function axeFindsBarriers() {
  const page = await browser.newPage();
  await page.setContent('<html lang="en"><title>x</title><main><h1>x</h1><button></button></main></html>');
  const found = await barriers(page, 'canary');
  await page.close();
  return found.some((it) => it.includes('button-name'));
}

async function look(context, screen, wish) {
  const { page } = await openScreen(context, address, screen);
  await page.screenshot({ path: `screenshots/${screen.name}-${Object.keys(wish)[0]}.png` });
  await page.close();
}

async function barriers(page, name) {
  await page.evaluate(axe);
  const { violations } = await page.evaluate((tags) => window.axe.run({ runOnly: tags }), RULES);
  return violations.map(
    (it) => `${name}: ${it.id}: ${it.nodes.map((node) => node.html.slice(0, 160)).join(' | ')}`,
  );
}

/** Nothing may need scrolling sideways at the width of 320 pixels. */
async function overflow(page, name) {
  const wide = await page.evaluate(() => {
    const scrollers = [document.documentElement, document.getElementById('main')].filter(Boolean);
    return scrollers
      .filter((it) => it.scrollWidth > it.clientWidth + 1)
      .map((it) => `${it.tagName} ${it.scrollWidth}`);
  });
  return wide.map((it) => `${name}: wider than the window: ${it}`);
}

/** Whatever is pressed is at least 24 pixels high and wide. */
async function smallTargets(page, name) {
  const small = await page.evaluate(() =>
    [...document.querySelectorAll('button, a[href], input, select')]
      .filter((it) => !it.classList.contains('skip') && it.type !== 'radio')
      .map((it) => ({ html: it.outerHTML.slice(0, 120), box: it.getBoundingClientRect() }))
      .filter(({ box }) => box.width > 0 && (box.width < 24 || box.height < 24))
      .map(({ html, box }) => `${box.width.toFixed(0)}×${box.height.toFixed(0)} ${html}`),
  );
  return small.map((it) => `${name}: too small: ${it}`);
}
