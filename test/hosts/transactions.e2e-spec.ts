import { DataSource, type EntityManager } from 'typeorm';
import { runWaitingBriefly } from '../../src/common/sql.js';
import { newGuest } from '../support/people.js';
import { createTestApp, type TestApp } from '../support/test-app.js';

describe('a transaction of the library, whatever the DataSource has for a default', () => {
  let host: TestApp;
  let dataSource: DataSource;
  beforeEach(async () => {
    host = await createTestApp();
    const { databaseUrl: url } = host;
    dataSource = new DataSource({ type: 'postgres', url, isolationLevel: 'SERIALIZABLE' });
    await dataSource.initialize();
  });
  afterEach(async () => {
    await dataSource.destroy();
    await host.close();
  });

  const run = <Result>(work: (manager: EntityManager) => Promise<Result>) =>
    runWaitingBriefly(dataSource, work);

  it('is READ COMMITTED and waits for locks no longer than two seconds', async () => {
    const settings = await run((manager) =>
      manager.query(
        `SELECT current_setting('transaction_isolation') AS isolation, current_setting('lock_timeout') AS wait`,
      ),
    );
    expect(settings).toEqual([{ isolation: 'read committed', wait: '2s' }]);
  });

  it('leaves nothing of that to whoever gets the connection next', async () => {
    await run((manager) => manager.query('SELECT 1'));
    const settings = await dataSource.query(
      `SELECT current_setting('lock_timeout') AS wait, pg_current_xact_id_if_assigned() AS xid`,
    );
    expect(settings).toEqual([{ wait: '0', xid: null }]);
    const isolation = dataSource.transaction((manager) =>
      manager.query('SHOW transaction_isolation'),
    );
    expect(await isolation).toEqual([{ transaction_isolation: 'serializable' }]);
  });

  it('happens as a whole or not at all, a transaction inside it too', async () => {
    const { userId } = await newGuest(host);
    const rename = (manager: EntityManager, name: string) =>
      manager.query('UPDATE users SET name = $2 WHERE id = $1', [userId, name]);
    const nameNow = async () => (await host.sql('SELECT name FROM users'))[0];
    const broken = run(async (manager) => {
      await rename(manager, 'first');
      throw new Error('broken');
    });
    await expect(broken).rejects.toThrow('broken');
    expect(await nameNow()).toEqual({ name: null });
    await run(async (manager) => {
      await rename(manager, 'outer');
      const inner = manager.transaction(async (nested) => {
        await rename(nested, 'inner');
        throw new Error('undone');
      });
      await expect(inner).rejects.toThrow('undone');
    });
    expect(await nameNow()).toEqual({ name: 'outer' });
  });

  it('tells the first error when the connection breaks', async () => {
    const gone = run((manager) => manager.query('SELECT pg_terminate_backend(pg_backend_pid())'));
    await expect(gone).rejects.toMatchObject({ code: '57P01' });
    expect(await run((manager) => manager.query('SELECT 1 AS one'))).toEqual([{ one: 1 }]);
  });
});
