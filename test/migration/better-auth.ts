import { betterAuth, type BetterAuthOptions } from 'better-auth';
import { getMigrations } from 'better-auth/db/migration';
import { anonymous } from 'better-auth/plugins/anonymous';
import { Pool } from 'pg';
import { CookieJar } from '../support/cookie-jar.js';
import type { OldPerson, OldPeople } from './old-people.js';

// A program of its own: makes the database of an app on better-auth, lets people use it, and prints who they are.
const [databaseUrl, origin, secret, password] = process.argv.slice(2) as [string, ...string[]];
const pool = new Pool({ connectionString: databaseUrl });
const mails = new Map<string, string>();

const options = {
  database: pool,
  secret: secret!,
  baseURL: origin!,
  emailAndPassword: { enabled: true },
  emailVerification: {
    sendOnSignUp: true,
    sendVerificationEmail: ({ user, token }) => Promise.resolve(void mails.set(user.email, token)),
  },
  rateLimit: { enabled: false },
  telemetry: { enabled: false },
  logger: { level: 'error' },
  plugins: [anonymous()],
} satisfies BetterAuthOptions;

await (await getMigrations(options)).runMigrations();
await pool.query(`CREATE TABLE cart_item (
  user_id text NOT NULL REFERENCES "user" (id), sku text NOT NULL, quantity integer NOT NULL,
  PRIMARY KEY (user_id, sku))`);
const auth = betterAuth(options);

/** Calls a route of better-auth's, as a browser does. */
async function call(path: string, body: object | undefined, cookies: CookieJar) {
  const response = await auth.handler(
    new Request(`${origin}/api/auth/${path}`, {
      method: body === undefined ? 'GET' : 'POST',
      headers: {
        origin: origin!,
        cookie: cookies.header(),
        ...(body && { 'content-type': 'application/json' }),
      },
      body: body && JSON.stringify(body),
    }),
  );
  if (response.status >= 400) throw new Error(`${path}: ${await response.text()}`);
  cookies.store(response.headers);
  return (await response.json().catch(() => ({}))) as { user?: { id: string } };
}

async function person(path: string, body: object, email: string | null): Promise<OldPerson> {
  const cookies = new CookieJar();
  const { user } = await call(path, body, cookies);
  return { id: user!.id, email, cookies: cookies.header() };
}

async function guest(sku: string): Promise<OldPerson> {
  const somebody = await person('sign-in/anonymous', {}, null);
  await pool.query('INSERT INTO cart_item VALUES ($1, $2, 1)', [somebody.id, sku]);
  return somebody;
}

async function account(name: string): Promise<OldPerson> {
  const email = `${name}@example.com`;
  const somebody = await person('sign-up/email', { email, password, name }, email);
  await pool.query(`INSERT INTO cart_item VALUES ($1, 'leash', 2)`, [somebody.id]);
  return somebody;
}

async function verify(email: string): Promise<void> {
  await call(`verify-email?token=${mails.get(email)}`, undefined, new CookieJar());
}

/** better-auth's own tests have no provider either: what its callback route does with the rows. */
async function attach(userId: string, providerId: string, accountId: string): Promise<void> {
  const { internalAdapter } = await auth.$context;
  await internalAdapter.linkAccount({ userId, providerId, accountId });
}

const people: OldPeople = {
  returning: await guest('bone'),
  signingUp: await guest('ball'),
  signingIn: await guest('leash'),
  leaving: await guest('hat'),
  attached: await guest('bowl'),
  verified: await account('vera'),
  unverified: await account('una'),
  social: await account('sol'),
};
await verify(people.verified.email!);
await attach(people.social.id, 'google', 'google-sol');
await attach(people.attached.id, 'google', 'google-attached');
await pool.end();
console.log(JSON.stringify(people));
