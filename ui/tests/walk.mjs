// Visits every screen in light and dark, English, Arabic and German, as people do who see, hear, zoom or use keys only.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';

import { openBrowser, openScreen, SCREENS, settled } from './page.mjs';
import { keyboardWalk } from './keyboard.mjs';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
/** Colours are the same in every language, and the order of things in every theme. */
const MOODS = [
  { theme: 'light', locale: 'en' },
  { theme: 'dark', locale: 'en' },
  { theme: 'light', locale: 'ar' },
  { theme: 'light', locale: 'de', axe: false },
];
const NARROW = { width: 320, height: 640 };
const WIDE = { width: 1180, height: 760 };
const AT_ONCE = Math.min(4, availableParallelism());

const problems = [];
const { browser, address, close } = await openBrowser();

// A part of a name walks only the screens that are called so, and no keys; `keys` only those.
const [part] = process.argv.slice(2);
const screens = SCREENS.filter((it) => !part || it.name.includes(part));
const visits = MOODS.flatMap((mood) => screens.map((screen) => ({ mood, screen })));
const walks = [
  async () => void ((await axeFindsBarriers()) || problems.push('axe did not find a nameless button')),
  async () =>
    void ((await policyIsInForce()) || problems.push('the content security policy is not in force')),
  ...(part && part !== 'keys' ? [] : keyboardWalk(browser, address, problems)),
  ...visits.map((it) => () => visit(it)),
];
const count = walks.length;
await Promise.all(Array.from({ length: AT_ONCE }, walkOn));
await close();

problems.forEach((it) => console.log(it));
console.log(`${count} walks, ${problems.length === 0 ? 'nothing' : problems.length} found`);
process.exit(problems.length === 0 ? 0 : 1);

async function walkOn() {
  for (let walk = walks.shift(); walk; walk = walks.shift()) await walk();
}

async function visit({ screen, mood }) {
  const name = `${screen.name}-${mood.theme}-${mood.locale}`;
  const context = await browser.newContext({ viewport: WIDE, locale: 'en-GB', reducedMotion: 'reduce' });
  try {
    const { page, faults } = await openScreen(context, address, { ...screen, ...mood });
    if (mood.axe !== false) problems.push(...(await barriers(page, name, screen.dimmed)));
    await page.setViewportSize(NARROW);
    await settled(page);
    problems.push(...(await overflow(page, name)), ...(await smallTargets(page, name)));
    problems.push(...faults.map((it) => `${name}: ${it}`));
  } catch (error) {
    problems.push(`${name}: ${error.message}`);
  }
  await context.close();
}

/** A walk that finds nothing must be able to find something. */
async function axeFindsBarriers() {
  const page = await browser.newPage();
  await page.setContent('<html lang="en"><title>x</title><main><h1>x</h1><button></button></main></html>');
  const found = await barriers(page, 'canary');
  await page.close();
  return found.some((it) => it.includes('button-name'));
}

async function policyIsInForce() {
  const context = await browser.newContext();
  const { page, faults } = await openScreen(context, address, { scenario: 'people' });
  await page.evaluate(() => {
    const style = Object.assign(document.createElement('style'), { textContent: 'b { color: red }' });
    document.head.append(style);
  });
  await settled(page);
  await context.close();
  return faults.some((it) => it.includes('Content Security Policy'));
}

/** What is `dimmed` on purpose cannot be pressed then, and needs no contrast. */
async function barriers(page, name, dimmed = false) {
  await page.evaluate(axe);
  const rules = { 'color-contrast': { enabled: !dimmed } };
  const { violations } = await page.evaluate(
    ([tags, rules]) => window.axe.run({ runOnly: tags, rules }),
    [RULES, rules],
  );
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
