import { checkMerge, checkMerges, expectNoOrphans } from '../../src/testing/index.js';
import { closeApps, startApp } from '../support/running-apps.js';
import type { TestApp } from '../support/test-app.js';
import { DECLARATIONS, SHAPES } from './shapes.js';

describe('checkMerge and tables', () => {
  let host: TestApp;
  beforeAll(async () => {
    host = await startApp({ schema: SHAPES, tables: DECLARATIONS });
  });
  afterAll(closeApps);

  it('makes rows of every kind that collide on every key', async () => {
    const receipts = await checkMerges(host.app);
    expect(receipts).toEqual({});
    await expectNoOrphans(host.app);
  });
});
