// What the window costs, in a browser on this machine: npm run measure. It judges nothing, since machines differ.
import { openBrowser, openScreen } from './page.mjs';

const LONG_TASK_MS = 50;
const SCROLLED_PX_A_FRAME = 400;
const WATCHED_MS = 5000;

const { browser, address, close } = await openBrowser();
const context = await browser.newContext({ viewport: { width: 1180, height: 760 }, locale: 'en-GB' });

console.log(`start to people: ${await start()} ms`);
const { frames, longest, p95, tasks, rows } = await scroll();
console.log(
  `${rows} entries scrolled: ${frames} frames, p95 ${p95} ms, longest ${longest} ms, ${tasks} tasks over ${LONG_TASK_MS} ms`,
);
console.log(`one core, nothing moves: ${await busy('empty', 'still&')} %`);
console.log(`one core, transfers move and the list of 10,000 is open: ${await busy('many', '')} %`);
await close();

/** From the request for the page to the first card. */
async function start() {
  const page = await context.newPage();
  await page.goto(`${address}?scenario=people&still`);
  await page.locator('[data-card]').first().waitFor();
  const took = await page.evaluate(() => performance.now());
  await page.close();
  return Math.round(took);
}

async function scroll() {
  const { page } = await openScreen(context, address, { scenario: 'many' });
  await openList(page);
  const measured = await page.locator('[role=treegrid]').evaluate(
    async (grid, [step, limit]) => {
      let tasks = 0;
      const observer = new PerformanceObserver((list) => {
        tasks += list.getEntries().filter((it) => it.duration > limit).length;
      });
      observer.observe({ entryTypes: ['longtask'] });
      const times = [];
      let before = await new Promise((resolve) => requestAnimationFrame(resolve));
      while (grid.scrollTop + grid.clientHeight < grid.scrollHeight - 1) {
        grid.scrollTop += step;
        const now = await new Promise((resolve) => requestAnimationFrame(resolve));
        times.push(now - before);
        before = now;
      }
      observer.disconnect();
      times.sort((a, b) => a - b);
      const rows = Number(grid.getAttribute('aria-rowcount'));
      const at = (part) => Math.round(times[Math.floor((times.length - 1) * part)]);
      return { frames: times.length, longest: at(1), p95: at(0.95), tasks, rows };
    },
    [SCROLLED_PX_A_FRAME, LONG_TASK_MS],
  );
  await page.close();
  return measured;
}

/** How much of one core the page's main thread takes, in percent. */
async function busy(scenario, still) {
  const page = await context.newPage();
  await page.goto(`${address}?${still}scenario=${scenario}`);
  await page.locator('#title').waitFor();
  if (scenario === 'many') await openList(page);
  const devtools = await context.newCDPSession(page);
  await devtools.send('Performance.enable');
  const spent = async () => {
    const { metrics } = await devtools.send('Performance.getMetrics');
    return metrics.find((it) => it.name === 'TaskDuration').value;
  };
  const before = await spent();
  await page.waitForTimeout(WATCHED_MS);
  const seconds = (await spent()) - before;
  await page.close();
  return ((seconds / (WATCHED_MS / 1000)) * 100).toFixed(1);
}

async function openList(page) {
  await page.locator('#dock [aria-expanded]').first().click();
  await page.locator('#dock-rows li').nth(1).locator('[aria-expanded]').first().click();
  await page.locator('[role=treegrid][aria-rowcount="10000"]').waitFor();
}
