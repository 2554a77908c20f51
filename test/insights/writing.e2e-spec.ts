import { FiguresService } from '../../src/users/figures/figures.service.js';
import { eventually } from '../support/barrier.js';
import { FaultyProxy } from '../support/faulty-proxy.js';
import { refusalOf } from '../support/refused-start.js';
import { closeApps, startApp, startBeside } from '../support/running-apps.js';
import { createTestDatabase } from '../support/test-database.js';
import { createTestApp, type TestApp } from '../support/test-app.js';
import { happenings, insightsOf, newGuests } from './figures.js';

afterEach(closeApps);

/** What is in the table, whoever has written it. */
async function written(host: TestApp, figure = 'issued'): Promise<number> {
  const [row] = await host.sql<{ sum: number }>(
    'SELECT coalesce(sum(count), 0)::int AS sum FROM guest_figures WHERE figure = $1',
    [figure],
  );
  return row!.sum;
}

describe('figures about guests', () => {
  it('are not written by the request that they are about', async () => {
    const host = await startApp();
    await newGuests(host, 3);
    expect(await written(host)).toBe(0);
    await insightsOf(host).days();
    expect(await written(host)).toBe(3);
  });

  it('are written by themselves', async () => {
    const host = await startApp({ options: { insights: { writeEvery: '1s' } } });
    await newGuests(host, 2);
    await eventually('they are written', async () => (await written(host)) === 2);
  });

  it('are written when the app ends', async () => {
    const host = await startApp();
    const beside = await createTestApp({ databaseUrl: host.databaseUrl });
    await newGuests(beside, 2);
    await beside.close();
    expect(await written(host)).toBe(2);
  });

  it('add up over two instances that write at the same time', async () => {
    const host = await startApp();
    const beside = await startBeside(host);
    for (let round = 0; round < 5; round += 1) {
      await Promise.all([newGuests(host, 2), newGuests(beside, 3)]);
      await Promise.all([host, beside].map((one) => one.app.get(FiguresService).write()));
    }
    expect(await happenings(host)).toMatchObject({ issued: 25, active: 25 });
    expect(await happenings(beside)).toEqual(await happenings(host));
  });

  it('are all there after any number of reads at the same time', async () => {
    const host = await startApp();
    await newGuests(host, 2);
    const reads = await Promise.all(Array.from({ length: 5 }, () => happenings(host)));
    for (const read of reads) expect(read.issued).toBe(2);
    expect(await written(host)).toBe(2);
  });

  it('outlast a database that is away', async () => {
    const database = await createTestDatabase();
    const proxy = await FaultyProxy.start(database.url);
    const host = await createTestApp({ databaseUrl: proxy.databaseUrl, poolSize: 2 });
    try {
      const figures = host.app.get(FiguresService);
      await newGuests(host, 3);
      proxy.down();
      await figures.write();
      await figures.write();
      proxy.up();
      await newGuests(host, 1);
      await figures.write();
      expect(await written(host)).toBe(4);
    } finally {
      await host.close();
      await proxy.close();
      await database.drop();
    }
  });

  it('do not keep an app from ending whose database says nothing', async () => {
    const database = await createTestDatabase();
    const proxy = await FaultyProxy.start(database.url);
    const host = await createTestApp({ databaseUrl: proxy.databaseUrl, poolSize: 2 });
    try {
      await newGuests(host, 1);
      proxy.silence();
      const start = performance.now();
      await host.app.get(FiguresService).onApplicationShutdown();
      expect(performance.now() - start).toBeLessThan(4_000);
    } finally {
      proxy.up();
      await host.close();
      await proxy.close();
      await database.drop();
    }
  });
});

describe('insights.writeEvery', () => {
  it.each(['1', '500ms', '2h', 'often'])('stops the start when it is %j', async (writeEvery) => {
    const error = await refusalOf({ options: { insights: { writeEvery: writeEvery as '1s' } } });
    expect(error.name).toBe('ConfigurationError');
    expect(error.message).toContain(`"insights.writeEvery" is "${writeEvery}"`);
  });
});
