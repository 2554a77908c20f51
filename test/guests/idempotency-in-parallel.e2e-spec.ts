import { Controller, Post } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { CurrentUser, EnsureIdentity, type Principal } from '../../src/index.js';
import { Barrier } from '../support/barrier.js';
import { rowCounts } from '../support/expectations.js';
import { guestOf, laterBy, newKey, withKey } from '../support/idempotency.js';
import { createTestApp, type TestApp } from '../support/test-app.js';

let held: Barrier;

/** Fails behind its write, after it has let others come. */
@Controller('held-notes')
class HeldNotesController {
  constructor(private readonly dataSource: DataSource) {}

  @Post()
  @EnsureIdentity()
  async add(@CurrentUser() { userId }: Principal): Promise<never> {
    await held.pass();
    await this.dataSource.query(
      `INSERT INTO note (user_id, text) VALUES ($1, 'behind a failure')`,
      [userId],
    );
    throw new Error('the handler failed after it wrote');
  }
}

describe.each(['express', 'fastify'] as const)(
  'requests with one Idempotency-Key on %s',
  (adapter) => {
    let host: TestApp;
    let twin: TestApp;
    beforeAll(async () => {
      host = await createTestApp({ adapter, controllers: [HeldNotesController] });
      twin = await createTestApp({ adapter, databaseUrl: host.databaseUrl });
    });
    afterAll(async () => {
      await twin.close();
      await host.close();
    });

    it('get one guest for twenty parallel calls, by either name, over two instances', async () => {
      const { users } = await rowCounts(host);
      const key = newKey();
      const answers = await Promise.all(
        Array.from({ length: 20 }, (_, n) =>
          guestOf(
            n % 2 === 0 ? host : twin,
            key,
            n % 3 === 0 ? '/auth/sign-in/anonymous' : '/auth/anonymous',
          ),
        ),
      );
      expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
      expect(answers.filter(({ status }) => status === 200)).toHaveLength(19);
      const ids = new Set<string>(answers.map(({ body }) => body.user.id));
      expect(ids.size).toBe(1);
      expect((await rowCounts(host)).users).toBe(users! + 1);
      for (const { headers } of answers) expect(headers.get('set-auth-token')).not.toBeNull();
    });

    it('get one guest and twenty notes for twenty parallel writes without a cookie', async () => {
      const { users } = await rowCounts(host);
      const key = newKey();
      const answers = await Promise.all(
        Array.from({ length: 20 }, (_, n) =>
          (n % 2 === 0 ? host : twin).browser().post('/notes', { text: `note ${n}` }, withKey(key)),
        ),
      );
      expect(answers.map(({ status }) => status)).toEqual(Array(20).fill(201));
      const owners = new Set<string>(answers.map(({ body }) => body.userId));
      expect(owners.size).toBe(1);
      expect((await rowCounts(host)).users).toBe(users! + 1);
      const notes = await host.sql('SELECT 1 FROM note WHERE user_id = $1', [...owners]);
      expect(notes).toHaveLength(20);
    });

    it('keep every acknowledged note when one of them fails', async () => {
      const rounds = Array.from({ length: 10 }, async () => {
        const options = withKey(newKey());
        const [good, bad] = [host.browser(), twin.browser()];
        const [written, failed] = await Promise.all([
          good.post('/notes', { text: 'kept' }, options),
          bad.post('/notes', { fail: 'before' }, options),
        ]);
        expect([written.status, failed.status]).toEqual([201, 500]);
        expect((await good.get('/notes')).body).toEqual([{ id: written.body.id, text: 'kept' }]);
      });
      await Promise.all(rounds);
    });

    it('free the key, once the one that issued the guest has written and failed', async () => {
      const key = newKey();
      held = new Barrier();
      const issuing = host.browser().post('/held-notes', undefined, withKey(key));
      await held.reached();
      const joined = host.browser();
      const { status, body } = await joined.post('/auth/anonymous', undefined, withKey(key));
      expect(status).toBe(200);
      held.open();
      expect(await issuing).toMatchObject({ status: 500 });
      expect((await joined.get('/notes')).body).toMatchObject([{ text: 'behind a failure' }]);
      await laterBy(host, 30);
      const replayed = await guestOf(host, key);
      expect(replayed.status).toBe(201);
      expect(replayed.body.user.id).not.toBe(body.user.id);
    });
  },
);
