import { existsSync } from 'node:fs';

import { chromium } from 'playwright-core';

import { makeSide } from './side.mjs';

const BROWSERS = ['/usr/bin/chromium', '/usr/bin/google-chrome', '/usr/bin/chromium-browser'];
const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-background-networking',
  '--disable-features=WebRtcHideLocalIpsWithMdns',
  '--allow-loopback-in-peer-connection',
];

/** libwebrtc as Node has it. */
export async function openLibwebrtc() {
  const { default: wrtc } = await import('@roamhq/wrtc');
  return {
    name: 'libwebrtc',
    side: async () => makeSide(wrtc.RTCPeerConnection),
    close: async () => undefined,
  };
}

/** A browser; each side is a page of its own. */
export async function openChromium() {
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? BROWSERS.find((it) => existsSync(it)),
    args: FLAGS,
  });
  return {
    name: 'Chromium',
    async side() {
      const page = await browser.newPage();
      await page.evaluate(`window.side = (${makeSide})(RTCPeerConnection)`);
      const call = (name) => (...given) =>
        page.evaluate(([name, given]) => window.side[name](...given), [name, given]);
      return new Proxy({}, { get: (_, name) => (name === 'then' ? undefined : call(name)) });
    },
    close: () => browser.close(),
  };
}
