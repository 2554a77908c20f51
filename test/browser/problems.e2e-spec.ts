import { readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { closeBrowser, describeInBrowser } from './support/chromium.js';
import { story } from './support/story.js';

afterAll(closeBrowser);

/** Things that go wrong where no test looks. */
const PROBLEMS: readonly [string, string, (page: Page) => Promise<unknown>][] = [
  [
    'a script that the policy forbids',
    'Content Security Policy',
    (page) =>
      page.evaluate(() => {
        document.body.append(Object.assign(document.createElement('script'), { text: '1' }));
      }),
  ],
  [
    'an error that nobody caught',
    'dropped the ball',
    (page) =>
      page.evaluate(() => {
        setTimeout(() => {
          throw new Error('dropped the ball');
        });
      }),
  ],
  [
    'a file that is missing',
    'status of 404',
    (page) => page.evaluate(() => fetch('/assets/missing.css').then(({ status }) => status)),
  ],
];

describeInBrowser('a test in a browser', () => {
  it.each(PROBLEMS)('fails because of %s, and leaves pictures', async (_, said, cause) => {
    const failing = story({}, async ({ visitor }) => {
      const ada = await visitor('ada');
      const page = await ada.open();
      await cause(page);
      // The console is heard in the order in which it speaks.
      const heard = page.waitForEvent('console', (message) => message.text() === 'heard');
      await page.evaluate(() => setTimeout(() => console.log('heard'), 50));
      await heard;
    });
    const error = await failing().then(
      () => undefined,
      (reason: Error) => reason,
    );
    expect(error?.message).toContain(said);
    const folder = /Pictures and console: (\S+)/.exec(error!.message)![1]!;
    expect(readdirSync(folder).toSorted()).toEqual(['ada-1.png', 'ada.log']);
    expect(statSync(join(folder, 'ada-1.png')).size).toBeGreaterThan(1_000);
    expect(readFileSync(join(folder, 'ada.log'), 'utf8')).toContain(said);
    rmSync(folder, { recursive: true });
  });
});
