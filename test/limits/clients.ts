import type { HttpAnswer, HttpClient } from '../support/http-client.js';
import type { TestApp } from '../support/test-app.js';

/** A browser behind a proxy that says where it is. */
export function browserAt(host: TestApp, address: string): HttpClient {
  const browser = host.browser();
  browser.defaults['x-forwarded-for'] = address;
  return browser;
}

/** What a client learns that has asked too often. */
export function expectTooMany(answer: HttpAnswer, withinSeconds: number): void {
  expect(answer).toMatchObject({
    status: 429,
    body: { statusCode: 429, code: 'TOO_MANY_REQUESTS', message: expect.any(String) },
  });
  expect(Object.keys(answer.body)).toHaveLength(3);
  const retryAfter = answer.headers.get('retry-after')!;
  expect(retryAfter).toMatch(/^\d+$/);
  expect(Number(retryAfter)).toBeGreaterThan(0);
  expect(Number(retryAfter)).toBeLessThanOrEqual(withinSeconds);
  expect(answer.headers.get('cache-control')).toBe('no-store');
  expect(answer.headers.getSetCookie()).toEqual([]);
}

/** How often each status came. */
export function tally(answers: readonly HttpAnswer[]): Record<number, number> {
  const counts: Record<number, number> = {};
  for (const { status } of answers) counts[status] = (counts[status] ?? 0) + 1;
  return counts;
}

/** As many at once. */
export function inParallel<Answer>(times: number, ask: (n: number) => Promise<Answer>) {
  return Promise.all(Array.from({ length: times }, (_, n) => ask(n)));
}
