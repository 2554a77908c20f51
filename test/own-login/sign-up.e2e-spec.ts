import { EventEmitter2 } from '@nestjs/event-emitter';
import { randomUUID } from 'node:crypto';
import { ReconcilerService } from '../../src/index.js';
import { Barrier, eventually } from '../support/barrier.js';
import { clearedCookies, refusal } from '../support/expectations.js';
import { guestWithNotes, ledgerOf, linkInState, NO_RETRY, notesOf } from '../support/links.js';
import { bearer, newAccount } from '../support/people.js';
import { closeRawConnections, RawConnection } from '../support/raw-connection.js';
import { createTestApp, type TestApp } from '../support/test-app.js';
import { meeting, membersHost } from './members.js';
import { newMember } from './people.js';

const newBody = () => ({ name: `m-${randomUUID()}`, password: 'a password of the host' });

describe.each(['express', 'fastify'] as const)('the host’s own sign-up on %s', (adapter) => {
  let host: TestApp;
  const heard: unknown[] = [];
  beforeAll(async () => {
    host = await createTestApp(membersHost({ adapter, options: { linking: NO_RETRY } }));
    host.app.get(EventEmitter2).on('guest.upgraded', (payload) => heard.push(payload));
  });
  beforeEach(() => {
    heard.length = 0;
  });
  afterEach(async () => {
    meeting.barrier?.open();
    meeting.barrier = undefined;
    await closeRawConnections();
  });
  afterAll(() => host.close());

  const userOf = async (id: string) =>
    (
      await host.sql(
        `SELECT u.is_anonymous, u.epoch, u.name, u.email, m.name AS member FROM users u
         LEFT JOIN member m ON m.user_id = u.id WHERE u.id = $1`,
        [id],
      )
    )[0];

  it('keeps the id and the rows of a guest, whose token is dead', async () => {
    const guest = await guestWithNotes(host, 'mine');
    const body = newBody();
    const answer = await guest.client.post('/members/register', body);
    expect(answer).toMatchObject({ status: 201, body: { id: guest.userId } });
    expect(clearedCookies(answer)).toEqual(['__Host-session']);
    expect(await userOf(guest.userId)).toEqual({
      is_anonymous: false,
      epoch: 1,
      name: body.name,
      email: null,
      member: body.name,
    });
    expect(await notesOf(host, guest.userId)).toEqual(['mine']);
    expect(await bearer(host, guest.token).get('/members/me')).toMatchObject({ status: 401 });
    expect(await bearer(host, answer.body.token).get('/members/me')).toMatchObject({
      body: { id: guest.userId },
    });
    const login = await host.browser().post('/members/login', body);
    expect(login).toMatchObject({ status: 201, body: { id: guest.userId } });
    expect(heard).toEqual([{ userId: guest.userId }]);
  });

  it('takes a guest that names itself by a bearer token', async () => {
    const guest = await guestWithNotes(host, 'mine');
    const answer = await bearer(host, guest.token).post('/members/register', newBody());
    expect(answer).toMatchObject({ status: 201, body: { id: guest.userId } });
  });

  it('makes somebody new where no live guest is', async () => {
    const dead = await guestWithNotes(host, 'dead');
    await bearer(host, dead.token).post('/auth/sign-out');
    const account = await newAccount(host);
    for (const client of [host.browser(), dead.client, account.client]) {
      const answer = await client.post('/members/register', newBody());
      expect(answer.status).toBe(201);
      expect([dead.userId, account.userId]).not.toContain(answer.body.id);
    }
    expect(heard).toEqual([]);
  });

  it('leaves a guest alone whose sign-up another site has sent', async () => {
    const guest = await guestWithNotes(host, 'mine');
    const headers = { origin: 'https://evil.example' };
    const answer = await guest.client.post('/members/register', newBody(), { headers });
    expect(answer.status).toBe(201);
    expect(answer.body.id).not.toBe(guest.userId);
    expect(await guest.client.get('/access/guest')).toMatchObject({ status: 200 });
  });

  it('changes nothing when the host’s own work fails', async () => {
    const guest = await guestWithNotes(host, 'mine');
    const before = await userOf(guest.userId);
    const answer = await guest.client.post('/members/register', { ...newBody(), fail: true });
    expect(answer.status).toBe(422);
    expect(clearedCookies(answer)).toEqual([]);
    expect(await userOf(guest.userId)).toEqual(before);
    expect(await guest.client.get('/access/guest')).toMatchObject({ status: 200 });
    expect(heard).toEqual([]);
  });

  it('takes an address for the user, unless somebody has it', async () => {
    const [guest, other] = [await guestWithNotes(host, 'mine'), await newAccount(host)];
    const taken = { ...newBody(), email: other.email.toUpperCase() };
    const refused = await guest.client.post('/members/register', taken);
    expect(refused).toMatchObject(refusal(409, 'EMAIL_TAKEN'));
    const email = `${randomUUID()}@example.com`;
    const free = { ...newBody(), email: email.toUpperCase() };
    const answer = await guest.client.post('/members/register', free);
    expect(answer).toMatchObject({ status: 201, body: { id: guest.userId } });
    expect(await userOf(guest.userId)).toMatchObject({ email });
  });

  it('waits two seconds for whoever holds the guest, no longer', async () => {
    const guest = await guestWithNotes(host, 'mine');
    const raw = await RawConnection.open(host.databaseUrl);
    await raw.query('BEGIN');
    await raw.query('SELECT 1 FROM users WHERE id = $1 FOR UPDATE', [guest.userId]);
    const answer = await guest.client.post('/members/register', newBody());
    expect(answer).toMatchObject(refusal(503, 'TEMPORARILY_UNAVAILABLE'));
    await raw.query('ROLLBACK');
    const again = await guest.client.post('/members/register', newBody());
    expect(again).toMatchObject({ status: 201, body: { id: guest.userId } });
  });

  it('gives the id to one of two that race', async () => {
    const guest = await guestWithNotes(host, 'mine');
    const headers = { cookie: guest.client.cookies.header() };
    const barrier = (meeting.barrier = new Barrier());
    const answers = [1, 2].map(() =>
      host.browser().post('/members/register', newBody(), { headers }),
    );
    await barrier.reached();
    barrier.open();
    const ids = (await Promise.all(answers)).map(({ body }) => body.id);
    expect(ids.filter((id) => id === guest.userId)).toHaveLength(1);
    expect(new Set(ids).size).toBe(2);
    expect(await notesOf(host, guest.userId)).toEqual(['mine']);
    expect(heard).toEqual([{ userId: guest.userId }]);
  });

  it('wins over a login that comes while it is under way', async () => {
    const [guest, member] = [await guestWithNotes(host, 'mine'), await newMember(host)];
    const headers = { cookie: guest.client.cookies.header() };
    const barrier = (meeting.barrier = new Barrier());
    const signUp = host.browser().post('/members/register', newBody(), { headers });
    await barrier.reached();
    const raw = await RawConnection.open(host.databaseUrl);
    await raw.query('BEGIN');
    await raw.query('LOCK TABLE member IN SHARE MODE');
    const login = host.browser().post('/members/enter', member.credentials, { headers });
    barrier.open();
    await raw.blocks();
    // The guest looks like one to the login: the sign-up has not been committed.
    await linkInState(host, guest.userId, 'pending');
    await raw.query('COMMIT');
    expect(await signUp).toMatchObject({ status: 201, body: { id: guest.userId } });
    expect(await login).toMatchObject({ status: 201, body: { id: member.id } });
    await eventually('the link has been withdrawn', async () => {
      await host.app.get(ReconcilerService).run();
      return (await ledgerOf(host, guest.userId)).length === 0;
    });
    expect(await notesOf(host, guest.userId)).toEqual(['mine']);
    expect(await notesOf(host, member.id)).toEqual([]);
  });

  it('makes somebody new when a login has taken the guest', async () => {
    const [guest, member] = [await guestWithNotes(host, 'mine'), await newMember(host)];
    const headers = { cookie: guest.client.cookies.header() };
    await host.browser().post('/members/login', member.credentials, { headers });
    const answer = await host.browser().post('/members/register', newBody(), { headers });
    expect(answer.status).toBe(201);
    expect([guest.userId, member.id]).not.toContain(answer.body.id);
    expect(await ledgerOf(host, guest.userId)).toMatchObject([{ status: 'merged' }]);
    expect(heard).toEqual([]);
  });
});

describe('guest.allowUpgrade: false', () => {
  it('refuses the host’s sign-up of a guest, and nobody else’s', async () => {
    const host = await createTestApp(membersHost({ options: { guest: { allowUpgrade: false } } }));
    try {
      const guest = await guestWithNotes(host, 'mine');
      const answer = await guest.client.post('/members/register', newBody());
      expect(answer).toMatchObject(refusal(403, 'UPGRADE_DISABLED'));
      expect(await host.browser().post('/members/register', newBody())).toMatchObject({
        status: 201,
      });
    } finally {
      await host.close();
    }
  });
});
