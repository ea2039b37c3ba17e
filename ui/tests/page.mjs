import { existsSync } from 'node:fs';

import { chromium } from 'playwright-core';
import { preview } from 'vite';

/** What the desktop window allows its page; a page that wants more says so on the console, and the walk finds it. */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; base-uri 'none'; form-action 'none'";
const BROWSERS = ['/usr/bin/chromium', '/usr/bin/google-chrome', '/usr/bin/chromium-browser'];

/** Serves the built interface and opens a browser on it; `close` ends both. */
export async function openBrowser() {
  const headers = { 'Content-Security-Policy': POLICY };
  const server = await preview({ preview: { port: 0, host: '127.0.0.1', headers }, logLevel: 'warn' });
  const address = server.resolvedUrls.local[0];
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? BROWSERS.find((it) => existsSync(it)),
    args: ['--headless', '--no-sandbox', '--disable-gpu', '--disable-background-networking'],
  });
  return {
    browser,
    address,
    async close() {
      await browser.close();
      await server.close();
    },
  };
}

/** Opens `screen` of a scenario that stands still. */
export async function openScreen(
  context,
  address,
  { scenario, hash = '#/people', theme = 'light', locale = 'en', open },
) {
  const page = await context.newPage();
  const faults = [];
  page.on('pageerror', (error) => faults.push(error.message));
  page.on('console', (message) => message.type() === 'error' && faults.push(message.text()));
  await page.goto(`${address}?scenario=${scenario}&still&theme=${theme}&locale=${locale}${hash}`);
  await page.locator('#title').waitFor();
  await settled(page);
  if (open) await open(page);
  return { page, faults };
}

/** Waits until what was asked has been drawn and nothing moves that will come to rest. */
export async function settled(page) {
  await page.evaluate(async () => {
    const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
    await new Promise((resolve) => setTimeout(resolve, 20));
    await frame();
    await frame();
    const finite = document
      .getAnimations()
      .filter((it) => it.effect?.getComputedTiming().iterations !== Infinity);
    await Promise.all(finite.map((it) => it.finished.catch(() => undefined)));
  });
}

export const SCREENS = [
  { name: 'first-run', scenario: 'first-run' },
  { name: 'people-empty', scenario: 'empty' },
  { name: 'people', scenario: 'people' },
  { name: 'incoming', scenario: 'incoming' },
  { name: 'offline', scenario: 'offline' },
  { name: 'problems', scenario: 'problems' },
  { name: 'add-contact', scenario: 'pairing', hash: '#/add' },
  { name: 'add-contact-start', scenario: 'people', hash: '#/add' },
  { name: 'person', scenario: 'people', hash: '#/people/c1' },
  { name: 'person-not-compared', scenario: 'people', hash: '#/people/c3' },
  { name: 'activity', scenario: 'transfers', hash: '#/activity' },
  { name: 'activity-empty', scenario: 'empty', hash: '#/activity' },
  { name: 'dock', scenario: 'transfers' },
  { name: 'settings', scenario: 'managed', hash: '#/settings' },
  {
    name: 'examination',
    scenario: 'people',
    hash: '#/settings',
    open: (page) => page.locator('#section-network-examination ~ * button').first().click(),
  },
  {
    name: 'by-code',
    scenario: 'people',
    hash: '#/code',
    open: (page) => page.locator('.halves button').first().click(),
  },
  { name: 'menu', scenario: 'people', open: (page) => page.locator('[data-card]').first().click() },
  { name: 'commands', scenario: 'people', open: (page) => page.keyboard.press('Control+k') },
  { name: 'dock-open', scenario: 'transfers', open: openDock },
  { name: 'many', scenario: 'many', open: openDock },
  { name: 'devices', scenario: 'people', hash: '#/devices' },
  { name: 'devices-words', scenario: 'people', hash: '#/devices', open: meetDevice },
  {
    name: 'identity-copy',
    scenario: 'people',
    hash: '#/devices',
    open: (page) => page.locator('.file button').first().click(),
  },
  {
    name: 'receipts',
    scenario: 'people',
    hash: '#/activity',
    open: (page) => page.locator('.tab').last().click(),
  },
  { name: 'group', scenario: 'people', open: openGroup },
  { name: 'choose-who', scenario: 'people', open: handOver },
  { name: 'silent', scenario: 'silent' },
  { name: 'hostile', scenario: 'hostile' },
  { name: 'hostile-person', scenario: 'hostile', hash: '#/people/c1' },
  { name: 'hostile-activity', scenario: 'hostile', hash: '#/activity' },
  { name: 'codes', scenario: 'codes', open: (page) => page.locator('.notices > .link').click() },
  { name: 'added', scenario: 'people', hash: '#/add', open: addNoor },
  { name: 'drop', scenario: 'people', dimmed: true, open: hangOver },
  { name: 'folders', scenario: 'folders', hash: '#/folders' },
  { name: 'folders-empty', scenario: 'people', hash: '#/folders' },
  { name: 'folder-files', scenario: 'folders', hash: '#/folders/f3/files' },
  { name: 'folder-conflicts', scenario: 'folders', hash: '#/folders/f1/conflicts', open: readConflict },
  { name: 'folder-decided', scenario: 'folders', hash: '#/folders/f1/conflicts', open: decideConflict },
  { name: 'folder-people', scenario: 'folders', hash: '#/folders/f1/people' },
  { name: 'folder-versions', scenario: 'folders', hash: '#/folders/f1/versions' },
  { name: 'folder-settings', scenario: 'folders', hash: '#/folders/f1/settings' },
  { name: 'folder-read-only', scenario: 'folders', hash: '#/folders/f6/files' },
  { name: 'folder-stopped', scenario: 'folders', hash: '#/folders/f7/settings' },
  { name: 'folder-deletions', scenario: 'folders', hash: '#/folders/f8/files' },
  {
    name: 'share-folder',
    scenario: 'people',
    hash: '#/people/c1',
    open: (page) => page.getByTestId('share-with').click(),
  },
  { name: 'hostile-folder', scenario: 'hostile', hash: '#/folders/f1/conflicts' },
  { name: 'receipt', scenario: 'people', hash: '#/activity', open: openReceipt },
];

async function readConflict(page) {
  await page.getByTestId('conflict').locator('.line').first().waitFor();
}

async function decideConflict(page) {
  await readConflict(page);
  await page.getByTestId('keep-present').click();
  await page.getByTestId('undo-decision').waitFor();
}

async function openDock(page) {
  await page.locator('#dock [aria-expanded]').first().click();
  await page.locator('#dock-rows li').nth(1).locator('[aria-expanded]').first().click();
  await settled(page);
}

async function openGroup(page) {
  const group = page.getByTestId('group').first();
  // A menu closes when what it belongs to scrolls.
  await group.scrollIntoViewIfNeeded();
  await settled(page);
  await group.click();
  await page.getByRole('menuitem').nth(3).click();
}

async function handOver(page) {
  await page.evaluate(() => {
    const picked = { pick: 'p', first: 'talk.mp4', count: 3, bytes: 1_240_000_000 };
    window.dispatchEvent(new CustomEvent('wherry-shell', { detail: { event: 'files', picked } }));
  });
  await page.getByTestId('choose-who').waitFor();
}

async function meetDevice(page) {
  await page.locator('#code').fill('5-copper-meadow');
  await page.getByTestId('claim').click();
  await page.getByTestId('comparison-words').waitFor();
}

async function addNoor(page) {
  await page.locator('#code').fill('4-amber-river');
  await page.getByTestId('claim').click();
  await page.getByTestId('words-same').click();
  await page.getByTestId('words-same').waitFor({ state: 'detached' });
}

/** Files hang over the card of the first person. */
async function hangOver(page) {
  await page.evaluate(() => {
    const { x, y, width, height } = document.querySelector('[data-drop]').getBoundingClientRect();
    const dataTransfer = new DataTransfer();
    dataTransfer.items.add(new File(['x'], 'talk.mp4'));
    const at = { clientX: x + width / 2, clientY: y + height / 2 };
    window.dispatchEvent(new DragEvent('dragenter', { dataTransfer, ...at, cancelable: true }));
  });
  await page.getByTestId('veil').waitFor();
}

async function openReceipt(page) {
  await page.locator('main ul').last().locator('button').first().click();
  await settled(page);
}
