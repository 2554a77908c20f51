import { LinkingService } from '../../src/index.js';
import { clearedCookies } from '../support/expectations.js';
import { NO_RETRY, notesOf } from '../support/links.js';
import { createTestApp, type TestApp } from '../support/test-app.js';
import { membersHost } from './members.js';
import { newMember } from './people.js';

describe.each(['express', 'fastify'] as const)('a host without our routes on %s', (adapter) => {
  let host: TestApp;
  beforeAll(async () => {
    host = await createTestApp(
      membersHost({
        adapter,
        extras: { controllers: false },
        options: { linking: { ...NO_RETRY, policy: 'ask' } },
      }),
    );
  });
  afterAll(() => host.close());

  it.each([
    ['POST', '/auth/anonymous'],
    ['GET', '/auth/get-session'],
    ['POST', '/auth/sign-in/email'],
    ['GET', '/auth/links'],
  ])('has none: %s %s', async (method, path) => {
    expect(await host.browser().request(method, path)).toMatchObject({ status: 404 });
  });

  it('issues, links, asks and signs up by decorators and services alone', async () => {
    const member = await newMember(host);
    const client = host.browser();
    const { body: note } = await client.post('/members/notes', { text: 'mine' });
    expect(await client.get('/members/me')).toMatchObject({ body: { id: note.userId } });

    const login = await client.post('/members/enter', member.credentials);
    expect(login.body.link).toMatchObject({ status: 'awaiting-consent' });
    const link = await host.app.get(LinkingService).confirm(login.body.link.id, member.id);
    expect(link).toMatchObject({ status: 'merged' });
    expect(await notesOf(host, member.id)).toEqual(['mine']);

    const dead = await client.post('/members/notes', { text: 'late' });
    expect(dead.status).toBe(409);
    expect(clearedCookies(dead)).toEqual(['__Host-session']);
    const { body: next } = await client.post('/members/notes', { text: 'next' });
    const body = { name: `n-${next.userId}`, password: 'a password of the host' };
    const signUp = await client.post('/members/register', body);
    expect(signUp).toMatchObject({ status: 201, body: { id: next.userId } });
    const mine = await client.get('/members/notes', {
      headers: { authorization: `Bearer ${signUp.body.token}` },
    });
    expect(mine.body).toEqual([{ text: 'next' }]);
  });
});
