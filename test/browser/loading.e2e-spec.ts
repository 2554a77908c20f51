import { closeBrowser, describeInBrowser } from './support/chromium.js';
import { says } from './support/paws-page.js';
import { story } from './support/story.js';

afterAll(closeBrowser);

/** A quiet machine needs a tenth of a second. This is about a page that has become slow, not about a busy machine. */
const PATIENCE_MS = 5_000;
/** Bytes of everything that the page loads. They are the same on every machine. */
const MOST_BYTES = 120_000;

describeInBrowser('the page of the example', () => {
  it(
    'is there at once, and small',
    story({}, async ({ visitor }) => {
      const page = await (await visitor('ada')).open();
      await says(page, 'Looking around needs no account.');
      await says(page, /^\d+ places$/);
      const { loaded, bytes, thirdParties } = await page.evaluate(() => {
        const [document] = performance.getEntriesByType('navigation');
        const files = performance.getEntriesByType('resource') as PerformanceResourceTiming[];
        return {
          loaded: (document as PerformanceNavigationTiming).loadEventEnd,
          bytes: files.reduce((sum, { decodedBodySize }) => sum + decodedBodySize, 0),
          thirdParties: files.filter(({ name }) => !name.startsWith(location.origin)).length,
        };
      });
      expect(loaded).toBeGreaterThan(0);
      expect(loaded).toBeLessThan(PATIENCE_MS);
      expect(bytes).toBeLessThan(MOST_BYTES);
      expect(thirdParties).toBe(0);
    }),
  );
});
