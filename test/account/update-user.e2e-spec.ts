import { refusal } from '../support/expectations.js';
import { migration, personUsers } from '../support/host-users.js';
import { newAccount, type Person } from '../support/people.js';
import { RawConnection } from '../support/raw-connection.js';
import { createTestApp, type TestApp } from '../support/test-app.js';

const path = '/auth/update-user';
const image = 'https://cdn.example/ada.png';

describe.each(['express', 'fastify'] as const)('updating the user on %s', (adapter) => {
  let host: TestApp;
  beforeAll(async () => {
    host = await createTestApp({ adapter, options: { session: { cacheFor: '60s' } } });
  });
  afterAll(() => host.close());

  const profileOf = async ({ client }: Pick<Person, 'client'>): Promise<object> =>
    (await client.get('/auth/get-session')).body.user;

  it('writes what is sent, shows it at once, and leaves the rest', async () => {
    const account = await newAccount(host);
    const before = await profileOf(account);
    const answer = await account.client.post(path, { name: 'Ada', image });
    expect(answer).toMatchObject({ status: 200, body: { status: true } });
    expect(await profileOf(account)).toEqual({
      ...before,
      name: 'Ada',
      image,
      updatedAt: expect.any(String),
    });
    await account.client.post(path, { name: 'Ada L.' });
    expect(await profileOf(account)).toMatchObject({ name: 'Ada L.', image });
    await account.client.post(path, { image: null });
    expect(await profileOf(account)).toMatchObject({ name: 'Ada L.', image: null });
  });

  it.each([null, ''])('takes %j for no name', async (name) => {
    const account = await newAccount(host);
    await account.client.post(path, { name: 'Ada' });
    expect(await account.client.post(path, { name })).toMatchObject({ status: 200 });
    expect(await profileOf(account)).toMatchObject({ name: null });
  });

  it.each([
    {},
    { name: '  ' },
    { name: 'a'.repeat(101) },
    { name: 'new\nline' },
    { name: 'NUL \0' },
    { name: 'half \ud800' },
    { name: 7 },
    { name: { $ne: '' } },
    { image: 'javascript:alert(1)' },
    { image: '' },
    { image: `https://cdn.example/${'a'.repeat(2048)}` },
    { name: 'Ada', email: 'other@example.com' },
    { name: 'Ada', emailVerified: true },
    { name: 'Ada', isAnonymous: true },
    { name: 'Ada', epoch: 7 },
    { name: 'Ada', id: 'other' },
    { name: 'Ada', role: 'admin' },
  ])('refuses %j, and changes nothing', async (body) => {
    const account = await newAccount(host);
    const before = await profileOf(account);
    expect(await account.client.post(path, body)).toMatchObject(refusal(400, 'VALIDATION_FAILED'));
    expect(await profileOf(account)).toEqual(before);
  });

  it('gives way to somebody who holds the row', async () => {
    const account = await newAccount(host);
    const holder = await RawConnection.open(host.databaseUrl);
    try {
      await holder.query('BEGIN');
      await holder.query('SELECT 1 FROM users WHERE id = $1 FOR UPDATE', [account.userId]);
      const answer = await account.client.post(path, { name: 'Ada' });
      expect(answer).toMatchObject(refusal(503, 'TEMPORARILY_UNAVAILABLE'));
    } finally {
      await holder.close();
    }
  });
});

describe('updating the user where the table is the host’s', () => {
  let host: TestApp;
  beforeAll(async () => {
    host = await createTestApp({
      users: {
        ...personUsers,
        migrations: [
          ...personUsers.migrations,
          migration('ShortNames1700000000003', [
            'ALTER TABLE "user" ALTER display_name TYPE varchar(20)',
            `ALTER TABLE "user" ADD CHECK (display_name <> 'nobody')`,
          ]),
        ],
      },
    });
  });
  afterAll(() => host.close());

  it('writes to its columns', async () => {
    const { client, userId } = await newAccount(host);
    expect(await client.post(path, { name: 'Ada' })).toMatchObject({ status: 200 });
    const [row] = await host.sql('SELECT display_name FROM "user" WHERE id = $1', [userId]);
    expect(row).toEqual({ display_name: 'Ada' });
  });

  it('says which field has no column', async () => {
    const { client } = await newAccount(host);
    const answer = await client.post(path, { name: 'Ada', image });
    expect(answer).toMatchObject(refusal(400, 'VALIDATION_FAILED'));
    expect(answer.body.errors).toEqual([{ field: 'image', messages: ['is not kept by this app'] }]);
    expect((await client.get('/auth/get-session')).body.user).toMatchObject({ name: null });
  });

  it.each(['a name that is too long for it', 'nobody'])(
    'refuses %j, which they do not take',
    async (name) => {
      const { client } = await newAccount(host);
      const answer = await client.post(path, { name });
      expect(answer).toMatchObject(refusal(400, 'VALIDATION_FAILED'));
      expect(answer.body.errors).toEqual([
        { field: 'name', messages: ['is not taken by this app'] },
      ]);
    },
  );
});
