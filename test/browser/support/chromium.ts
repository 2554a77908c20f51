import { type Browser, chromium } from 'playwright-core';

const { CHROMIUM_PATH, CHROMIUM_MISSING } = process.env;

// Each story is many requests of several programs: on a busy machine it takes its time, and nothing here depends on how long.
jest.setTimeout(90_000);

/** `describe`, where there is a browser. The global setup has said so in a line if there is none. */
export const describeInBrowser = CHROMIUM_MISSING ? describe.skip : describe;

let launched: Promise<Browser> | undefined;

/** One for each test file; {@link closeBrowser} closes it. */
export function openBrowser(): Promise<Browser> {
  if (!CHROMIUM_PATH)
    throw new Error(
      'CHROMIUM_PATH is not set: run the tests through Jest, whose global setup sets it',
    );
  launched ??= chromium.launch({
    executablePath: CHROMIUM_PATH,
    // Playwright turns it off; people have it, and it is what the back button shows.
    ignoreDefaultArgs: ['--disable-back-forward-cache'],
  });
  return launched;
}

/** For `afterAll`. */
export async function closeBrowser(): Promise<void> {
  const browser = await launched;
  launched = undefined;
  await browser?.close();
}
