import type { PasswordHashing } from '../../src/index.js';
import { expectCleanDatabase } from '../support/checker.js';
import { refusal } from '../support/expectations.js';
import { signIn } from '../support/links.js';
import { newAccount } from '../support/people.js';
import { createTestApp, type TestApp } from '../support/test-app.js';

async function secretOf(host: TestApp, userId: string): Promise<string> {
  const rows = await host.sql<{ secret_hash: string }>(
    'SELECT secret_hash FROM identities WHERE user_id = $1',
    [userId],
  );
  return rows[0]!.secret_hash;
}

describe('a password', () => {
  let host: TestApp;
  beforeAll(async () => {
    host = await createTestApp({ options: { password: {} } });
  });
  afterAll(() => host.close());

  it('is stored as argon2id with 19 MiB, two passes and one lane, salted', async () => {
    const password = 'the same for both';
    const [one, two] = [await newAccount(host, { password }), await newAccount(host, { password })];
    const [first, second] = [await secretOf(host, one.userId), await secretOf(host, two.userId)];
    for (const hash of [first, second]) {
      const [, scheme, version, parameters] = hash.split('$');
      expect([scheme, version, parameters!.split(',').toSorted()]).toEqual([
        'argon2id',
        'v=19',
        ['m=19456', 'p=1', 't=2'],
      ]);
    }
    expect(first).not.toBe(second);
  });

  it.each([
    ['with blanks at both ends', '  two blanks each side  '],
    ['with emoji', 'dog 🐕‍🦺 and bone 🦴'],
    ['of 64 characters', 'a1'.repeat(32)],
    ['in another script', 'пароль-длинный'],
    ['with quotes and operators', `' OR 1=1 -- "$ne"`],
  ])('%s works exactly as typed and in no other form', async (_kind, password) => {
    const { email, userId } = await newAccount(host, { password });
    const tryWith = (typed: string) =>
      signIn({ client: host.browser() }, { email, password: typed });
    expect(await tryWith(password)).toMatchObject({ status: 200, body: { user: { id: userId } } });
    const others = [`${password} `, ` ${password}`, password.toUpperCase(), password.trim()];
    for (const other of others.filter((typed) => typed !== password)) {
      expect(await tryWith(other)).toMatchObject(refusal(401, 'INVALID_EMAIL_OR_PASSWORD'));
    }
  });

  it('leaves a clean database behind', () => expectCleanDatabase(host.databaseUrl));
});

/** Keeps what it was asked, and the password readable. */
class CountingHashing implements PasswordHashing {
  readonly hashed: string[] = [];
  readonly verified: [hash: string, password: string][] = [];

  async hash(password: string): Promise<string> {
    this.hashed.push(password);
    return `counted:${password}`;
  }

  async verify(hash: string, password: string): Promise<boolean> {
    this.verified.push([hash, password]);
    return hash === `counted:${password}`;
  }
}

describe('password.hash', () => {
  const hashing = new CountingHashing();
  let host: TestApp;
  beforeAll(async () => {
    host = await createTestApp({ options: { password: { hash: hashing } } });
  });
  beforeEach(() => {
    hashing.hashed.length = 0;
    hashing.verified.length = 0;
  });
  afterAll(() => host.close());

  it('replaces argon2id and gets the password as typed', async () => {
    const account = await newAccount(host, { password: ' as typed ' });
    expect(await secretOf(host, account.userId)).toBe('counted: as typed ');
    expect(await signIn({ client: host.browser() }, account)).toMatchObject({ status: 200 });
    expect(hashing.hashed).toEqual([' as typed ']);
    expect(hashing.verified).toEqual([['counted: as typed ', ' as typed ']]);
  });

  it('verifies one hash for an unknown address, as for a known one', async () => {
    const unknown = { email: 'nobody@example.com', password: 'some password' };
    for (let time = 1; time <= 2; time += 1) {
      expect(await signIn({ client: host.browser() }, unknown)).toMatchObject(
        refusal(401, 'INVALID_EMAIL_OR_PASSWORD'),
      );
      expect(hashing.verified).toHaveLength(time);
    }
    expect(hashing.verified.map(([, password]) => password)).toEqual([
      unknown.password,
      unknown.password,
    ]);
  });

  it('is not asked about a body that is not valid', async () => {
    const answer = await host
      .browser()
      .post('/auth/sign-up/email', { email: 'no address', password: 'correct horse battery' });
    expect(answer).toMatchObject(refusal(400, 'VALIDATION_FAILED'));
    expect(hashing.hashed).toEqual([]);
  });

  it('leaves nothing but clean rows behind', () => expectCleanDatabase(host.databaseUrl));
});

/** Cannot hash when it is asked first. */
class SlowStartingHashing implements PasswordHashing {
  private isReady = false;

  async hash(password: string): Promise<string> {
    if (this.isReady) return `plain:${password}`;
    this.isReady = true;
    throw new Error('the hashing service is starting');
  }

  async verify(hash: string, password: string): Promise<boolean> {
    return hash === `plain:${password}`;
  }
}

describe('password.hash that has failed once', () => {
  let host: TestApp;
  beforeAll(async () => {
    host = await createTestApp({ options: { password: { hash: new SlowStartingHashing() } } });
  });
  afterAll(() => host.close());

  it('is asked again for an unknown address', async () => {
    const unknown = { email: 'nobody@example.com', password: 'some password' };
    expect(await signIn({ client: host.browser() }, unknown)).toMatchObject({ status: 500 });
    expect(await signIn({ client: host.browser() }, unknown)).toMatchObject(
      refusal(401, 'INVALID_EMAIL_OR_PASSWORD'),
    );
  });
});
