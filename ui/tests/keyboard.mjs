// What a person does who has no pointer; each step says what must have come of it.
import { openScreen } from './page.mjs';

const WALKS = [
  firstRun,
  people,
  sendAndUndo,
  commandBar,
  accept,
  pairing,
  regions,
  drop,
  shareFolder,
  decide,
];

/** Ways through the whole interface by keys; each adds to `problems` what did not work. */
export function keyboardWalk(browser, address, problems) {
  return WALKS.map((walk) => async () => {
    const context = await browser.newContext({ viewport: { width: 1180, height: 760 }, locale: 'en-GB' });
    try {
      await walk(context, address, async (fact, holds) => {
        if (!(await eventually(holds))) problems.push(`keys: ${walk.name}: ${fact}`);
      });
    } catch (error) {
      problems.push(`keys: ${walk.name}: ${error.message.split('\n')[0]}`);
    }
    await context.close();
  });
}

/** From the first start to a file on its way, without a pointer. */
async function firstRun(context, address, expect) {
  const { page } = await openScreen(context, address, { scenario: 'first-run' });
  await tabTo(page, '#device-name');
  await page.keyboard.press('Control+a');
  await page.keyboard.type('Keyboard only');
  await page.keyboard.press('Enter');
  await page.locator('h1', { hasText: 'People' }).waitFor();
  await tabTo(page, '#main button.primary');
  await page.keyboard.press('Enter');
  await tabTo(page, '#code');
  await page.keyboard.type('4 amber river');
  await page.keyboard.press('Enter');
  await page.getByText('Does Noor see the same words?').waitFor();
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await page.getByText('is your contact').waitFor();
  await page.keyboard.press('Control+1');
  await tabTo(page, '[data-card]');
  await expect('the new contact has a card', async () => (await focused(page)).includes('Noor'));
  await page.keyboard.press('Enter');
  await page.keyboard.press('Enter');
  await expect('a first file can be sent', () => page.getByTestId('undo').isVisible());
  await page.close();
}

async function people(context, address, expect) {
  const { page } = await openScreen(context, address, { scenario: 'people' });
  await tabTo(page, '[data-card]');
  await expect('Tab leads to one card', async () => (await focused(page)).includes('Mia'));
  await page.keyboard.press('ArrowRight');
  await expect('an arrow leads to the next card', async () => (await focused(page)).includes('Studio NAS'));
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowDown');
  await expect('arrows lead down the grid', async () => (await focused(page)).includes('دينا'));
  await page.keyboard.press('Space');
  await expect('Space selects', async () => (await page.getByText('1 person selected').count()) === 1);
  await page.keyboard.press('Escape');
  await expect(
    'Escape takes the selection back',
    async () => (await page.getByText('1 person selected').count()) === 0,
  );
  await page.keyboard.press('Tab');
  await expect('Tab leaves the grid of people', async () => !(await focusedMatches(page, '[data-card]')));
  await page.close();
}

async function sendAndUndo(context, address, expect) {
  const { page } = await openScreen(context, address, { scenario: 'people' });
  await tabTo(page, '[data-card]');
  await page.keyboard.press('Enter');
  await expect('Enter opens what can be sent', async () => (await focused(page)).includes('Send files'));
  await page.keyboard.press('Enter');
  await expect('a send waits for a moment', () => undoBar(page).isVisible());
  await page.keyboard.press('Control+z');
  await expect('and can be taken back', async () => (await undoBar(page).count()) === 0);
  await tabTo(page, '[data-card]');
  await page.keyboard.press('Enter');
  await page.keyboard.press('Escape');
  await expect('Escape closes the menu onto its card', async () => (await focused(page)).includes('Mia'));
  await page.keyboard.press('Enter');
  await page.keyboard.press('Enter');
  await page.getByText('talk.mp4').last().waitFor();
  await page.waitForTimeout(2000);
  await expect('and goes otherwise', () =>
    page
      .locator('#dock')
      .getByText(/2.? transfers/)
      .isVisible(),
  );
  await page.close();
}

async function commandBar(context, address, expect) {
  const { page } = await openScreen(context, address, { scenario: 'people' });
  await page.keyboard.press('Control+k');
  await page.keyboard.type('about jon');
  await page.keyboard.press('Enter');
  await page.locator('h1', { hasText: 'Jon' }).waitFor();
  await expect('the new screen has the focus', () => focusedMatches(page, '#title'));
  await page.keyboard.press('Control+k');
  await page.locator('dialog [role=combobox]').waitFor();
  await page.keyboard.press('Escape');
  await expect(
    'Escape closes the bar',
    async () => (await page.locator('dialog [role=combobox]').count()) === 0,
  );
  await page.keyboard.press('Control+3');
  await page.locator('h1', { hasText: 'Activity' }).waitFor();
  await page.close();
}

async function accept(context, address, expect) {
  const { page } = await openScreen(context, address, { scenario: 'incoming' });
  await expect('nothing of an offer has the focus by itself', () => focusedMatches(page, 'body'));
  await tabTo(page, 'section[aria-label^="Files from"] button');
  for (let presses = 0; presses < 4 && !(await focused(page)).startsWith('Accept'); presses += 1) {
    await page.keyboard.press('Tab');
  }
  await page.keyboard.press('Enter');
  await page.waitForTimeout(200);
  await expect(
    'an accepted offer moves',
    async () => (await page.getByText('Jon wants to send').count()) === 0,
  );
  await page.close();
}

async function pairing(context, address, expect) {
  const { page } = await openScreen(context, address, { scenario: 'people', hash: '#/add' });
  await tabTo(page, '#code');
  await page.keyboard.type('nonsense');
  await page.keyboard.press('Enter');
  await expect('a code of the wrong shape is told', () => page.getByText('A code is a number').isVisible());
  await page.locator('#code').fill('4 amber river');
  await page.keyboard.press('Enter');
  await page.getByText('Does Noor see the same words?').waitFor();
  await expect('the question has the focus', async () => (await focused(page)).includes('Does'));
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await page.getByText('is your contact').waitFor();
  await page.close();
}

async function regions(context, address, expect) {
  const { page } = await openScreen(context, address, { scenario: 'people' });
  const seen = [];
  for (let presses = 0; presses < 3; presses += 1) {
    await page.keyboard.press('F6');
    seen.push(await page.evaluate(() => document.activeElement?.closest('#places, #main, #dock')?.id));
  }
  await expect(`F6 leads through all regions, not ${seen}`, () => new Set(seen).size === 3);
  await page.close();
}

async function drop(context, address, expect) {
  const { page } = await openScreen(context, address, { scenario: 'people' });
  const drag = (kind, name) =>
    page.evaluate(
      ([kind, name]) => {
        const card = [...document.querySelectorAll('[data-drop]')].find((it) =>
          it.textContent.includes(name),
        );
        const { x, y, width, height } = card.getBoundingClientRect();
        const dataTransfer = new DataTransfer();
        dataTransfer.items.add(new File(['x'], 'talk.mp4'));
        const at = { clientX: x + width / 2, clientY: y + height / 2 };
        window.dispatchEvent(new DragEvent(kind, { dataTransfer, ...at, cancelable: true }));
      },
      [kind, name],
    );
  await drag('dragenter', 'Mia');
  await expect('a card says to whom', () => page.getByText('Send to Mia').isVisible());
  await expect('an absent person gets it later', () =>
    page.getByText('Send when Ravi is online').isVisible(),
  );
  await drag('drop', 'Mia');
  const heard = page.getByRole('status').filter({ hasText: 'talk.mp4' });
  await expect('a drop is told to those who do not see it', async () => (await heard.count()) === 1);
  await expect('a drop can be taken back', () => undoBar(page).isVisible());
  await page.close();
}

/** From the shortcut to a shared folder, without a pointer. */
async function shareFolder(context, address, expect) {
  const { page } = await openScreen(context, address, { scenario: 'folders' });
  await page.keyboard.press('Control+Shift+n');
  await page.getByTestId('share-sheet').waitFor();
  await tabTo(page, '[data-testid=choose-folder]');
  await page.keyboard.press('Enter');
  await tabTo(page, 'dialog input[type=checkbox]');
  await page.keyboard.press('Space');
  await tabTo(page, '[data-testid=share]');
  await page.keyboard.press('Enter');
  await page.getByTestId('share-sheet').waitFor({ state: 'detached' });
  await expect('the new folder is shown, and has the focus', async () => (await focused(page)) === 'Desktop');
  await page.getByTestId('part-people').click();
  await expect(
    'and who was chosen belongs to it',
    async () => (await page.getByTestId('member').count()) === 2,
  );
  await page.close();
}

async function decide(context, address, expect) {
  const { page } = await openScreen(context, address, {
    scenario: 'folders',
    hash: '#/folders/f1/conflicts',
  });
  await tabTo(page, '[data-testid=keep-present]');
  await page.keyboard.press('Enter');
  await expect('a decision is told', () => page.getByText('Decided: budget.md').isVisible());
  await tabTo(page, '[data-testid=undo-decision]');
  await page.keyboard.press('Enter');
  await expect('and can be taken back', async () => (await page.getByTestId('undo-decision').count()) === 0);
  await page.getByTestId('part-files').focus();
  await page.keyboard.press('Enter');
  const file = page.locator('[role=row]', { hasText: 'budget (Jon' });
  await expect('then both files are there again', async () => (await file.count()) === 1);
  await page.getByTestId('decline-folder').focus();
  await page.keyboard.press('Enter');
  await expect(
    'an invitation can be declined',
    async () => (await page.getByTestId('invitation').count()) === 0,
  );
  await page.close();
}

/** Whether something becomes true, however busy the machine is. */
async function eventually(holds) {
  for (let tries = 0; tries < 100; tries += 1) {
    if (await holds()) return true;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return false;
}

function undoBar(page) {
  return page.getByRole('group', { name: 'Undo sending' }).getByText('Going to Mia');
}

async function tabTo(page, selector) {
  for (let presses = 0; presses < 40; presses += 1) {
    await page.keyboard.press('Tab');
    if (await focusedMatches(page, selector)) return;
  }
  throw new Error(`Tab never led to ${selector}`);
}

function focused(page) {
  return page.evaluate(() => document.activeElement?.textContent?.trim() ?? '');
}

function focusedMatches(page, selector) {
  return page.evaluate((selector) => document.activeElement?.matches(selector) ?? false, selector);
}
