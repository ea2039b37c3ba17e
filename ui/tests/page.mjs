import { chromium } from 'playwright-core';
import { preview } from 'vite';

/** Serves the built interface and opens a browser on it; `close` ends both. */
export async function openBrowser() {
  const server = await preview({ preview: { port: 0, host: '127.0.0.1' }, logLevel: 'warn' });
  const address = server.resolvedUrls.local[0];
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
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
  { scenario, hash = '#/people', theme = 'light', locale = 'en' },
) {
  const page = await context.newPage();
  const faults = [];
  page.on('pageerror', (error) => faults.push(error.message));
  page.on('console', (message) => message.type() === 'error' && faults.push(message.text()));
  await page.goto(`${address}?scenario=${scenario}&still&theme=${theme}&locale=${locale}${hash}`);
  await page.locator('#title').waitFor();
  await page.waitForTimeout(450);
  return { page, faults };
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
];
