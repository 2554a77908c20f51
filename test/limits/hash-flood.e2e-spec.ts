import { randomUUID } from 'node:crypto';
import { Controller, Get } from '@nestjs/common';
import type { PasswordHashing } from '../../src/index.js';
import { Argon2idHashing } from '../../src/auth/password/argon2id.hashing.js';
import { refusal } from '../support/expectations.js';
import { newAccount, newGuest } from '../support/people.js';
import { closeApps, startApp } from '../support/running-apps.js';
import { browserAt, inParallel, tally } from './clients.js';

/** Argon2id as it is, with a look at what it is asked. */
class WatchedHashing extends Argon2idHashing implements PasswordHashing {
  verified = 0;
  hashed = 0;

  override hash(password: string): Promise<string> {
    this.hashed += 1;
    return super.hash(password);
  }

  override verify(hash: string, password: string): Promise<boolean> {
    this.verified += 1;
    return super.verify(hash, password);
  }
}

@Controller('health')
class HealthController {
  @Get()
  ask() {
    return { status: 'ok' };
  }
}

const p95 = (times: readonly number[]) =>
  times.toSorted((a, b) => a - b)[Math.floor(times.length * 0.95)]!;

describe('a flood of passwords', () => {
  afterEach(closeApps);
  const start = (hash = new WatchedHashing()) =>
    startApp({
      trustsProxy: true,
      controllers: [HealthController],
      options: { password: { hash }, throttle: { signIn: false } },
    });

  it('fills a queue, and past it is told to come back; everybody else goes on', async () => {
    const host = await start();
    const { client } = await newGuest(host);
    const account = await newAccount(host);
    await client.post('/notes', { text: 'mine' });
    let isOver = false;
    const flood = inParallel(400, (n) =>
      browserAt(host, `198.51.${n % 100}.${n}`).post('/auth/sign-in/email', {
        email: `${randomUUID()}@example.com`,
        password: 'a wrong password',
      }),
    ).finally(() => (isOver = true));
    const times: Record<'health' | 'reads', number[]> = { health: [], reads: [] };
    const timed = async (into: number[], ask: () => Promise<{ status: number }>) => {
      const begun = performance.now();
      expect((await ask()).status).toBe(200);
      into.push(performance.now() - begun);
    };
    while (!isOver) {
      await timed(times.health, () => host.browser().get('/health'));
      await timed(times.reads, () => client.get('/notes'));
    }
    const answers = await flood;
    const counts = tally(answers);
    expect(Object.keys(counts).toSorted()).toEqual(['401', '503']);
    expect(counts[401]).toBeGreaterThanOrEqual(200);
    const refused = answers.find(({ status }) => status === 503)!;
    expect(refused).toMatchObject(refusal(503, 'TEMPORARILY_UNAVAILABLE'));
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    // In the middle of all the work; alone it is a few milliseconds.
    expect(p95([...times.health, ...times.reads])).toBeLessThan(1_000);
    const { email, password } = account;
    expect((await host.browser().post('/auth/sign-in/email', { email, password })).status).toBe(
      200,
    );
  }, 180_000);

  it('costs nothing for what no password can be', async () => {
    const hash = new WatchedHashing();
    const host = await start(hash);
    const { email } = await newAccount(host);
    const before = { hashed: hash.hashed, verified: hash.verified };
    const passwords = ['', 'x'.repeat(257), 'x'.repeat(10_000), '\u{1F600}'.repeat(257), 'a\0b'];
    for (const password of passwords) {
      for (const path of ['/auth/sign-in/email', '/auth/sign-up/email']) {
        expect((await host.browser().post(path, { email, password })).status).toBe(400);
      }
    }
    const huge = { email, password: 'x'.repeat(1_000_000) };
    expect((await host.browser().post('/auth/sign-in/email', huge)).status).toBe(413);
    expect({ hashed: hash.hashed, verified: hash.verified }).toEqual(before);
  });
});
