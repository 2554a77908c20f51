import { newAccount, newGuest } from '../support/people.js';
import { createTestApp, type TestApp } from '../support/test-app.js';

describe.each(['express', 'fastify'] as const)('last_seen_at on %s', (adapter) => {
  let host: TestApp;
  beforeAll(async () => {
    // Two connections: while a test holds one, everything else takes its turn on the other.
    host = await createTestApp({ adapter, poolSize: 2 });
  });
  afterAll(() => host.close());

  const ageOf = async (userId: string) => {
    const [row] = await host.sql<{ minutes: number }>(
      `SELECT extract(epoch FROM now() - last_seen_at)::int / 60 AS minutes FROM users WHERE id = $1`,
      [userId],
    );
    return row!.minutes;
  };
  const lastSeen = (userId: string, minutes: number) =>
    host.sql('UPDATE users SET last_seen_at = now() - make_interval(mins => $2) WHERE id = $1', [
      userId,
      minutes,
    ]);
  const touches = () => host.statements.filter((s) => /UPDATE .*last_seen_at/s.test(s));

  /** The touch comes after the answer, so the next look may be too early. */
  async function until(condition: () => Promise<boolean> | boolean): Promise<void> {
    const deadline = Date.now() + 10_000;
    while (!(await condition())) {
      if (Date.now() > deadline) throw new Error('last_seen_at was not touched.');
      await host.browser().get('/access/public');
    }
  }

  it.each([
    ['guest', newGuest],
    ['account', newAccount],
  ])('follows a %s after the answer once it is more than an hour old', async (_, person) => {
    const { client, userId } = await person(host);
    await lastSeen(userId, 61);
    host.statements.length = 0;
    expect(await client.get('/access/session')).toMatchObject({ status: 200 });
    await until(async () => (await ageOf(userId)) === 0);
    expect(touches()).toHaveLength(1);
  });

  it('is left alone within the hour', async () => {
    const { client, userId } = await newGuest(host);
    await lastSeen(userId, 59);
    host.statements.length = 0;
    await client.get('/access/session');
    await client.get('/auth/get-session');
    await client.post('/access/write');
    expect(touches()).toEqual([]);
    expect(await ageOf(userId)).toBe(59);
  });

  it('never waits for a locked row', async () => {
    const { client, userId } = await newGuest(host);
    await lastSeen(userId, 90);
    const holder = host.dataSource.createQueryRunner();
    await holder.startTransaction();
    await holder.query('SELECT 1 FROM users WHERE id = $1 FOR UPDATE', [userId]);
    try {
      host.statements.length = 0;
      expect(await client.get('/access/session')).toMatchObject({ status: 200 });
      await until(() => touches().length > 0);
      // Comes back only when the touch has: it is queued behind it on the one free connection.
      expect(await ageOf(userId)).toBe(90);
    } finally {
      await holder.rollbackTransaction();
      await holder.release();
    }
    expect(await ageOf(userId)).toBe(90);
  });
});
