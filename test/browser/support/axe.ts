import axe from 'axe-core';
import type { Page } from 'playwright-core';

const LOOKS = [
  { width: 390, height: 844, colorScheme: 'light' },
  { width: 390, height: 844, colorScheme: 'dark' },
  { width: 1280, height: 900, colorScheme: 'light' },
  { width: 1280, height: 900, colorScheme: 'dark' },
] as const;

/** Nothing is wrong for a screen reader, and nothing is too wide: on a phone and on a desk, in light and in dark. */
export async function expectAccessible(page: Page, state: string): Promise<void> {
  const before = page.viewportSize();
  for (const { width, height, colorScheme } of LOOKS) {
    await page.setViewportSize({ width, height });
    await page.emulateMedia({ colorScheme });
    const look = `${state}, ${width} px, ${colorScheme}`;
    const found = { violations: await violationsOn(page), tooWide: await tooWideOn(page) };
    expect({ look, ...found }).toEqual({ look, violations: [], tooWide: 0 });
  }
  if (before) await page.setViewportSize(before);
}

async function violationsOn(page: Page): Promise<string[]> {
  // Not as a script of the page, whose policy allows none from elsewhere.
  await page.evaluate(axe.source);
  return page.evaluate(async () => {
    const { violations } = await (globalThis as unknown as { axe: typeof axe }).axe.run(document, {
      resultTypes: ['violations'],
    });
    return violations.flatMap(({ id, nodes }) =>
      nodes.map(({ target, failureSummary }) => `${id} at ${target.join(' ')}: ${failureSummary}`),
    );
  });
}

/** By how much a page has to be pushed sideways to see all of it. */
const tooWideOn = (page: Page) =>
  page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
