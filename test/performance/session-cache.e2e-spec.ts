import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource, type EntitySubscriberInterface } from 'typeorm';
import type { AuthSettings } from '../../src/auth/auth.settings.js';
import type { LiveSession } from '../../src/auth/sessions/live-session.js';
import { SessionCache } from '../../src/auth/sessions/session-cache.js';
import type { SessionClaims } from '../../src/auth/tokens/session-claims.js';
import { Barrier } from '../support/barrier.js';
import { refusal } from '../support/expectations.js';
import { bearer, newAccount, newGuest } from '../support/people.js';
import { createTestApp, type TestApp } from '../support/test-app.js';

describe('session.cacheFor', () => {
  let host: TestApp;
  beforeAll(async () => {
    host = await createTestApp({
      options: { session: { cacheFor: '60s' } },
      providers: [SlowAnswers],
    });
  });
  afterAll(() => host.close());

  it.each([
    ['guest', newGuest],
    ['account', newAccount],
  ])('does not remember a %s that signed out while it was being looked up', async (_, person) => {
    const { token } = await person(host);
    const answers = host.app.get(SlowAnswers);
    answers.barrier = new Barrier();
    const reading = bearer(host, token).get('/access/session');
    await answers.barrier.reached();
    await bearer(host, token).post('/auth/sign-out');
    answers.barrier.open();
    expect((await reading).status).toBe(200);
    const next = await bearer(host, token).get('/access/session');
    expect(next).toMatchObject(refusal(401, 'UNAUTHORIZED'));
  });

  it('forgets every session of a user, and nobody else', async () => {
    const [one, other] = [await newGuest(host), await newGuest(host)];
    for (const { client } of [one, other]) await client.get('/access/session');
    host.app.get(SessionCache).forget(one.userId);
    const costs = [];
    for (const { client } of [one, other]) {
      host.statements.length = 0;
      await client.get('/access/session');
      costs.push(host.statements.length);
    }
    expect(costs).toEqual([1, 0]);
  });
});

describe('the memory of session.cacheFor', () => {
  const cache = new SessionCache({ cacheForMs: 60_000 } as AuthSettings);
  const claims = (n: number, epoch = 0) =>
    ({ userId: `user ${n}`, handle: `session ${n}`, epoch }) as SessionClaims;
  const remember = (n: number) => {
    const { userId: id, handle, epoch } = claims(n);
    cache.remember({ handle, user: { id, epoch } } as LiveSession, cache.now());
  };

  it('holds ten thousand sessions and forgets whoever was away longest', () => {
    for (let n = 0; n <= 10_000; n += 1) remember(n);
    expect(cache.find(claims(0))).toBeUndefined();
    expect(cache.find(claims(1))).toBeDefined();
    expect(cache.find(claims(10_000))).toBeDefined();
  });

  it('does not stand for a token of another epoch', () => {
    remember(1);
    expect(cache.find(claims(1, 1))).toBeUndefined();
  });

  it('forgets a session that was remembered twice', () => {
    remember(1);
    remember(1);
    cache.forget('user 1');
    expect(cache.find(claims(1))).toBeUndefined();
  });

  it('does not remember what was looked up before somebody was forgotten', () => {
    const before = cache.now();
    cache.forget('user 2');
    const { userId: id, handle, epoch } = claims(2);
    cache.remember({ handle, user: { id, epoch } } as LiveSession, before);
    expect(cache.find(claims(2))).toBeUndefined();
  });
});

/** Rows that have been read, and reach whoever asked for them only when the test wants it. */
@Injectable()
class SlowAnswers implements EntitySubscriberInterface {
  barrier?: Barrier;

  constructor(@InjectDataSource() dataSource: DataSource) {
    dataSource.subscribers.push(this);
  }

  async afterQuery({ query }: { query: string }): Promise<void> {
    if (/^\s*SELECT .*"users" u/s.test(query)) await this.barrier?.pass();
  }
}
