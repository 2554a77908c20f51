import { createHmac, createSecretKey, randomUUID, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Pool, type PoolClient } from 'pg';
import { ready } from './contender-process.js';
import { cheapHash, isCheapHash } from './hashing.js';
import { LIMIT_SCHEMA, SQL } from './limit.sql.js';
import { SECRET, settingOf } from './setting.js';

/** The least that does the same durable work: no framework, no library, named prepared statements. */
const { databaseUrl, poolSize, variant, isNew } = settingOf(process.argv);
const pool = new Pool({ connectionString: databaseUrl, max: poolSize });
const key = createSecretKey(SECRET, 'utf8');

type Statement = keyof typeof SQL;

function run(name: Statement, values: unknown[], on: Pool | PoolClient = pool) {
  return on.query({ name, text: SQL[name], values });
}

function signed(userId: string): string {
  const body = Buffer.from(`${userId}.${Date.now()}`).toString('base64url');
  return `${body}.${createHmac('sha256', key).update(body).digest('base64url')}`;
}

function userIdOf({ headers }: IncomingMessage): string | undefined {
  const [, body, mac] = /(?:^|; )session=([^.;]+)\.([^;]+)/.exec(headers.cookie ?? '') ?? [];
  if (body === undefined || mac === undefined) return undefined;
  const [given, own] = [
    Buffer.from(mac, 'base64url'),
    createHmac('sha256', key).update(body).digest(),
  ];
  if (given.length !== own.length || !timingSafeEqual(given, own)) return undefined;
  return Buffer.from(body, 'base64url').toString().split('.', 1)[0];
}

async function issue(_: IncomingMessage, response: ServerResponse): Promise<void> {
  const { rows } = await run('issue', [randomUUID(), randomUUID()]);
  signIn(response, 201, rows[0] as Row);
}

async function me(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const id = userIdOf(request);
  const { rows } = id === undefined ? { rows: [] } : await run('check', [id]);
  const [user] = rows as { id: string; is_anonymous: boolean }[];
  if (user) send(response, 200, { userId: user.id, isAnonymous: user.is_anonymous });
  else send(response, 401, {});
}

/** The guest's own row becomes the account. */
async function signUp(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { email, password, name } = await bodyOf(request);
  const values = [userIdOf(request) ?? null, email, name, cheapHash(password), randomUUID()];
  const guest = userIdOf(request);
  const { rows } = guest
    ? await run('upgrade', values)
    : await run('signUp', [randomUUID(), ...values.slice(1)]);
  signIn(response, 200, rows[0] as Row);
}

async function signInWithPassword(request: IncomingMessage, response: ServerResponse) {
  const { email, password } = await bodyOf(request);
  const { rows } = await run('account', [email]);
  const [account] = rows as (Row & { hash: string })[];
  if (!account || !isCheapHash(account.hash, password)) return send(response, 401, {});
  const guest = userIdOf(request);
  if (guest) await merge(guest, account.id);
  else await run('session', [randomUUID(), account.id]);
  return signIn(response, 200, account);
}

async function merge(guest: string, account: string): Promise<void> {
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    await run('moveEntries', [guest, account], client);
    await run('moveMarks', [guest, account], client);
    await run('swap', [guest, randomUUID(), account], client);
    await client.query('COMMIT');
  } catch (error) {
    await client.query('ROLLBACK');
    throw error;
  } finally {
    client.release();
  }
}

/** What many a cron job does. */
async function reapOneByOne(): Promise<number> {
  const { rows } = await pool.query<{ id: string }>(SQL.stale);
  let reaped = 0;
  const worker = async () => {
    for (let guest = rows.pop(); guest; guest = rows.pop()) {
      const { rowCount } = await run('reapOne', [guest.id]);
      reaped += rowCount ?? 0;
    }
  };
  await Promise.all(Array.from({ length: poolSize }, worker));
  return reaped;
}

interface Credentials {
  readonly email: string;
  readonly password: string;
  readonly name?: string;
}

interface Row {
  readonly id: string;
  readonly email: string | null;
  readonly created_at: Date;
}

function signIn(response: ServerResponse, status: number, { id, email, created_at }: Row): void {
  const token = signed(id);
  response.setHeader('set-cookie', `session=${token}; HttpOnly; Secure; SameSite=Lax; Path=/`);
  send(response, status, { token, user: { id, email, createdAt: created_at } });
}

function send(response: ServerResponse, status: number, body: object): void {
  const text = JSON.stringify(body);
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(text),
  });
  response.end(text);
}

async function bodyOf(request: IncomingMessage): Promise<Credentials> {
  let text = '';
  for await (const chunk of request.setEncoding('utf8')) text += chunk as string;
  return JSON.parse(text) as Credentials;
}

const routes: Record<
  string,
  (request: IncomingMessage, response: ServerResponse) => Promise<void>
> = {
  'POST /anonymous': issue,
  'GET /me': me,
  'POST /sign-up': signUp,
  'POST /sign-in': signInWithPassword,
};

const server = createServer((request, response) => {
  const route = routes[`${request.method} ${request.url}`];
  if (!route) return send(response, 404, {});
  route(request, response).catch((error: unknown) => send(response, 500, { error: String(error) }));
});

if (isNew) await pool.query(LIMIT_SCHEMA);
server.listen(0, '127.0.0.1', () => {
  ready((server.address() as AddressInfo).port, {
    reap: async () => (variant === 'loop' ? reapOneByOne() : (await pool.query(SQL.reap)).rowCount),
  });
});
