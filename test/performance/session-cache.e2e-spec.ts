import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource, type EntitySubscriberInterface } from 'typeorm';
import { SessionCache } from '../../src/auth/sessions/session-cache.js';
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
