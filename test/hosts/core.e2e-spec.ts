import { EVENTS, LinkingService } from '../../src/index.js';
import { type HostUsers, memberUsers, personUsers } from '../support/host-users.js';
import { guestOf, newKey } from '../support/idempotency.js';
import { bearer, newAccount, newGuest } from '../support/people.js';
import { createTestApp, SECRET, type TestApp } from '../support/test-app.js';
import { forgeToken } from '../support/tokens.js';

const hosts: [string, 'express' | 'fastify', HostUsers | undefined][] = [
  ['the users of this library', 'express', undefined],
  ['an entity that extends ours, with other names', 'fastify', memberUsers],
  ['a table with integer ids that was there before', 'express', personUsers],
  ['a table with integer ids that was there before', 'fastify', personUsers],
];

describe.each(hosts)('%s, on %s', (_, adapter, users) => {
  const table = users?.table ?? 'users';
  const flag = users?.flag ?? 'is_anonymous';
  const prefix = users?.tablePrefix ?? '';
  let host: TestApp;

  beforeAll(async () => {
    host = await createTestApp({ adapter, users });
  });
  afterAll(() => host.close());

  const guestRows = async (id: string) =>
    host.sql(`SELECT ${flag} AS "isGuest" FROM ${table} WHERE id = $1`, [id]);
  const note = (client: ReturnType<TestApp['browser']>, text: string) =>
    client.post('/notes', { text });

  it('has a session for a guest, whose row is flagged, after one statement', async () => {
    const client = host.browser();
    host.statements.length = 0;
    const issued = await client.post('/auth/anonymous');
    expect(issued.status).toBe(201);
    expect(host.statements).toHaveLength(1);
    const { body } = await client.get('/auth/get-session');
    expect(body.user).toMatchObject({ id: issued.body.user.id, isAnonymous: true });
    expect(typeof body.user.id).toBe('string');
    expect(Date.parse(body.user.createdAt)).toBeGreaterThan(0);
    expect(await guestRows(body.user.id)).toEqual([{ isGuest: true }]);
  });

  it('issues one guest for parallel requests with one key', async () => {
    const key = newKey();
    const answers = await Promise.all(Array.from({ length: 8 }, () => guestOf(host, key)));
    expect(new Set(answers.map(({ body }) => body.user.id)).size).toBe(1);
  });

  it('issues a guest inside a request, and takes it back when the request fails', async () => {
    const before = await host.sql(`SELECT count(*)::int AS n FROM ${table}`);
    const failed = host.browser();
    expect((await failed.post('/notes', { text: 'x', fail: 'before' })).status).toBe(500);
    expect(await host.sql(`SELECT count(*)::int AS n FROM ${table}`)).toEqual(before);
    expect(failed.cookies.header()).toBe('');
  });

  it('keeps id and rows when a guest signs up, and its old token is dead', async () => {
    const guest = await newGuest(host);
    await note(guest.client, 'mine');
    const address = `${guest.userId}@Example.com`;
    const signedUp = await guest.client.post('/auth/sign-up/email', {
      email: address,
      password: 'correct horse battery',
      name: 'Ada',
    });
    expect(signedUp).toMatchObject({
      status: 200,
      body: {
        user: { id: guest.userId, isAnonymous: false, email: address.toLowerCase(), name: 'Ada' },
      },
    });
    expect((await guest.client.get('/notes')).body).toMatchObject([{ text: 'mine' }]);
    expect((await bearer(host, guest.token).get('/access/session')).status).toBe(401);
    const taken = await host.browser().post('/auth/sign-up/email', {
      email: address.toUpperCase(),
      password: 'correct horse battery',
    });
    expect(taken).toMatchObject({ status: 409, body: { code: 'EMAIL_TAKEN' } });
  });

  it('makes an account of nobody, and ends its session at sign-out', async () => {
    const account = await newAccount(host);
    expect((await account.client.get('/access/account')).body).toMatchObject({
      userId: account.userId,
      isAnonymous: false,
    });
    await account.client.post('/auth/sign-out');
    expect((await bearer(host, account.token).get('/access/session')).status).toBe(401);
  });

  it('merges a guest into the account that it signs in to', async () => {
    const account = await newAccount(host);
    await host.sql('INSERT INTO wallet (user_id, credits) VALUES ($1, 5)', [account.userId]);
    const guest = await newGuest(host);
    await note(guest.client, 'from the guest');
    await host.sql('INSERT INTO wallet (user_id, credits) VALUES ($1, 3)', [guest.userId]);
    const { email, password } = account;
    const signedIn = await guest.client.post('/auth/sign-in/email', { email, password });
    expect(signedIn).toMatchObject({
      status: 200,
      body: {
        user: { id: account.userId },
        link: {
          status: 'merged',
          receipt: { tables: { note: { moved: 1 }, wallet: { folded: 1 } } },
        },
      },
    });
    expect(await guestRows(guest.userId)).toEqual([]);
    expect(
      await host.sql('SELECT credits FROM wallet WHERE user_id = $1', [account.userId]),
    ).toEqual([{ credits: 8 }]);
    expect(await host.app.get(LinkingService).resolve(guest.userId)).toBe(account.userId);
    expect((await bearer(host, guest.token).get('/access/session')).status).toBe(401);
  });

  it('merges once when two tabs of a guest sign in at the same moment', async () => {
    const account = await newAccount(host);
    const guest = await newGuest(host);
    await note(guest.client, 'once');
    const { email, password } = account;
    const signIn = () => bearer(host, guest.token).post('/auth/sign-in/email', { email, password });
    const answers = await Promise.all([signIn(), signIn()]);
    expect(answers.map(({ status }) => status)).toEqual([200, 200]);
    expect(new Set(answers.map(({ body }) => body.link.id)).size).toBe(1);
    const notes = await host.sql('SELECT text FROM note WHERE user_id = $1', [account.userId]);
    expect(notes).toEqual([{ text: 'once' }]);
  });

  it('tells events and handlers the ids as text', async () => {
    const heard: unknown[] = [];
    const { EventEmitter2 } = await import('@nestjs/event-emitter');
    host.app.get(EventEmitter2).once(EVENTS.accountLinked, (event: unknown) => heard.push(event));
    const account = await newAccount(host);
    const guest = await newGuest(host);
    const { email, password } = account;
    await guest.client.post('/auth/sign-in/email', { email, password });
    expect(heard).toMatchObject([{ guestId: guest.userId, accountId: account.userId }]);
  });

  it('deletes a guest with everything it owns', async () => {
    const guest = await newGuest(host);
    await note(guest.client, 'gone');
    expect((await guest.client.delete('/auth/anonymous')).body).toEqual({ success: true });
    expect(await guestRows(guest.userId)).toEqual([]);
    expect(await host.sql('SELECT 1 FROM note WHERE user_id = $1', [guest.userId])).toEqual([]);
  });

  it.each(['abc', '', '1; DROP', '99999999999999999999', ' 1', '\0', 'ffffffff-ffff-ffff-ffff'])(
    'takes no token for the user %j',
    async (sub) => {
      const { token } = await newGuest(host);
      const forged = forgeToken(token, { claims: { sub }, secret: SECRET });
      expect((await bearer(host, forged).get('/access/session')).status).toBe(401);
    },
  );

  it('writes its tables with the prefix, and no trace of a type that is not theirs', async () => {
    const columns = await host.sql<{ type: string }>(
      `SELECT DISTINCT format_type(atttypid, NULL) AS type FROM pg_attribute
       WHERE (attrelid, attname) IN (('${prefix}identities'::regclass, 'user_id'), ('${prefix}sessions'::regclass, 'user_id'),
         ('${prefix}auth_flows'::regclass, 'guest_id'), ('${prefix}account_links'::regclass, 'guest_id'),
         ('${prefix}account_links'::regclass, 'account_id'))`,
    );
    expect(columns).toEqual([{ type: users?.idType ?? 'uuid' }]);
  });
});

describe('preview and consent with integer ids', () => {
  let host: TestApp;
  beforeAll(async () => {
    host = await createTestApp({ users: personUsers, options: { linking: { policy: 'ask' } } });
  });
  afterAll(() => host.close());

  it('shows what a merge would do, and does it once the account agrees', async () => {
    const account = await newAccount(host);
    const guest = await newGuest(host);
    await guest.client.post('/notes', { text: 'asked' });
    const { email, password } = account;
    const { body } = await guest.client.post('/auth/sign-in/email', { email, password });
    expect(body.link).toMatchObject({ status: 'awaiting-consent' });
    const details = await guest.client.get(`/auth/links/${body.link.id}`);
    expect(details.body).toMatchObject({ preview: { tables: { note: { rows: 1 } } } });
    const confirmed = await guest.client.post(`/auth/links/${body.link.id}/confirm`, {
      preview: details.body.preview.hash,
    });
    expect(confirmed.body).toMatchObject({ status: 'merged' });
    const listed = await guest.client.get('/auth/links');
    expect(listed.body.links ?? listed.body).toMatchObject([{ id: body.link.id }]);
  });
});
