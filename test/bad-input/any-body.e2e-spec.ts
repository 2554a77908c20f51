import fc from 'fast-check';
import { rowCounts } from '../support/expectations.js';
import { type TestApp } from '../support/test-app.js';
import { check, createAnyApp, expectNoTrouble, TIME } from './anything.js';
import { adapters, callerOf, routes } from './refused.js';

describe.each(adapters)('whatever is sent on %s', (adapter) => {
  let host: TestApp;
  beforeAll(async () => {
    host = await createAnyApp(adapter);
  });
  afterAll(() => host.close());

  it(
    'any body is answered in words of ours, by every route',
    () =>
      check(
        fc.asyncProperty(fc.constantFrom(...routes), fc.jsonValue(), async (path, body) => {
          fc.pre(!(isEmpty(body) && /sign-out|anonymous|delete|revoke|links/.test(path)));
          const caller = await callerOf(host, path);
          const before = await rowCounts(host);
          const answer = await caller.post(path, body);
          expectNoTrouble(answer);
          if (answer.status >= 400) expect(await rowCounts(host)).toEqual(before);
        }),
      ),
    TIME,
  );
});

/** Such a body is right where a route takes none. */
function isEmpty(body: unknown): boolean {
  return typeof body === 'object' && body !== null && Object.keys(body).length === 0;
}
