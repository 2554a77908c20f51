import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from '../support/barrier.js';
import { refusal } from '../support/expectations.js';
import type { HttpClient } from '../support/http-client.js';
import { ledgerOf } from '../support/links.js';
import { pressButton, tokenIn } from '../support/mailbox.js';
import type { TestApp } from '../support/test-app.js';
import { closePaws, startPaws } from './paws-app.js';
import { addDog, signIn, signUp, userOf } from './visitors.js';

const OPERATOR = 'Olga@example.com';
const PUBLIC = join(import.meta.dirname, '..', '..', 'examples', 'paws', 'ops', 'public');

const DATA: [method: string, path: string][] = [
  ['GET', '/ops/data/figures'],
  ['GET', '/ops/data/links'],
  ['POST', `/ops/links/${crypto.randomUUID()}/retry`],
  ['POST', '/ops/reaper/dry-run'],
];

/** Signs in by a link in a mail, which proves the address. */
async function signInByMail(host: TestApp, email: string): Promise<HttpClient> {
  const client = host.browser();
  await client.post('/auth/sign-in/magic-link', { email, callbackURL: '/' });
  const mail = await eventually('the mail', async () => {
    const { body } = await client.get('/dev/inbox');
    return body.find(({ to }: { to: string }) => to.toLowerCase() === email.toLowerCase());
  });
  await pressButton(client, tokenIn(mail));
  expect(await userOf(client)).toMatchObject({ isAnonymous: false });
  return client;
}

describe.each(['express', 'fastify'] as const)('/ops of the example on %s', (adapter) => {
  let host: TestApp;
  beforeAll(async () => {
    host = await startPaws({ adapter, hasDevInbox: true, operators: [OPERATOR] });
  });
  afterAll(closePaws);

  const others: [string, () => Promise<HttpClient>, number, string][] = [
    ['nobody', () => Promise.resolve(host.browser()), 401, 'UNAUTHORIZED'],
    [
      'a guest',
      async () => {
        const client = host.browser();
        await addDog(client, 'Rex');
        return client;
      },
      403,
      'UPGRADE_REQUIRED',
    ],
    [
      'somebody else',
      () => signInByMail(host, `${crypto.randomUUID()}@example.com`),
      403,
      'OPERATORS_ONLY',
    ],
  ];

  it.each(others)('turns %s away, with a page that says so', async (_, person, status, code) => {
    const client = await person();
    const page = await client.get('/ops');
    expect(page.status).toBe(403);
    expect(page.headers.get('content-type')).toContain('text/html');
    expect(page.headers.get('cache-control')).toBe('no-store');
    expect(page.text).toContain('This page is for operators');
    for (const [method, path] of DATA) {
      expect(await client.request(method, path)).toMatchObject(refusal(status, code));
    }
  });

  it('shows its page to an operator, with scripts and styles of its own only', async () => {
    const client = await signInByMail(host, OPERATOR);
    const page = await client.get('/ops');
    expect(page.status).toBe(200);
    expect(page.headers.get('cache-control')).toBe('no-store');
    for (const text of [page.text, (await host.browser().get('/ops')).text]) {
      expect(text).not.toMatch(/<style|<script>|\sstyle=|\son\w+=|<script[^>]*>[^<]/);
      const links = [...text.matchAll(/(?:src|href)="(\/[^"]*)"/g)].map(([, link]) => link!);
      expect(links.length).toBeGreaterThan(4);
      for (const link of links)
        expect([link, (await client.get(link)).status]).toEqual([link, 200]);
    }
  });

  it('serves every file of the page, and no page among them', async () => {
    const own = readdirSync(PUBLIC).filter((file) => !file.endsWith('.html'));
    const files = [...own, 'dom.js'];
    expect(files.length).toBeGreaterThan(5);
    for (const file of files) {
      expect([file, (await host.browser().get(`/ops/assets/${file}`)).status]).toEqual([file, 200]);
    }
    for (const file of ['index.html', 'closed.html', '..%2Fops.module.ts']) {
      expect((await host.browser().get(`/ops/assets/${file}`)).status).toBe(404);
    }
  });

  it.each(['ops.js', 'dom.js'])('sends %s once, as long as it is the same', async (file) => {
    const client = host.browser();
    const { headers } = await client.get(`/ops/assets/${file}`);
    const tag = headers.get('etag')!;
    const again = await client.get(`/ops/assets/${file}`, { headers: { 'if-none-match': tag } });
    expect([again.status, again.text, again.headers.get('etag')]).toEqual([304, '', tag]);
    expect(again.headers.get('cache-control')).toBe('no-cache');
  });

  it('has figures, links and a dry run for an operator', async () => {
    const client = await signInByMail(host, OPERATOR);
    await addDog(host.browser(), 'Luna');
    const { status, body, headers } = await client.get('/ops/data/figures?days=7');
    expect(status).toBe(200);
    expect(headers.get('cache-control')).toBe('no-store');
    expect(body.days).toHaveLength(7);
    expect(body.days.at(-1)).toMatchObject({ reaped: 0, isContributedEstimated: false });
    expect(body.days.at(-1).contributed).toBeGreaterThan(0);
    expect(body.timeToClaim).toHaveLength(7);
    expect(body.guests).toMatchObject({ stale: 0, isGuestsEstimated: false });
    expect((await client.get('/ops/data/figures')).body.days).toHaveLength(30);
    expect((await client.get('/ops/data/links')).body).toEqual({ links: [] });
    const dry = await client.post('/ops/reaper/dry-run');
    expect(dry).toMatchObject({ status: 200, body: { dryRun: true, stale: 0, reaped: 0 } });
  });

  it.each(['0', '367', 'many', '1.5'])('refuses a period of %s days', async (days) => {
    const client = await signInByMail(host, OPERATOR);
    expect(await client.get(`/ops/data/figures?days=${days}`)).toMatchObject(
      refusal(400, 'VALIDATION_FAILED'),
    );
  });

  it('takes no order of another site', async () => {
    const client = await signInByMail(host, OPERATOR);
    const headers = { origin: 'https://evil.example' };
    expect(await client.post('/ops/reaper/dry-run', undefined, { headers })).toMatchObject(
      refusal(403, 'INVALID_ORIGIN'),
    );
  });
});

describe('/ops of the example', () => {
  afterEach(closePaws);

  it('is not there where nobody is an operator', async () => {
    const host = await startPaws();
    const paths = ['/ops', '/ops/data/figures', '/ops/assets/ops.js'];
    for (const path of paths) expect((await host.browser().get(path)).status).toBe(404);
  });

  it('needs the address to be proven: anybody can type it', async () => {
    const host = await startPaws({ operators: [OPERATOR] });
    const client = host.browser();
    await signUp(client, { email: OPERATOR, password: 'correct horse battery' });
    expect((await client.get('/ops')).status).toBe(403);
    expect(await client.get('/ops/data/figures')).toMatchObject(refusal(403, 'OPERATORS_ONLY'));
    await host.sql('UPDATE users SET email_verified = true');
    expect((await client.get('/ops')).status).toBe(200);
  });

  it('tries a merge again that was given up', async () => {
    const host = await startPaws({ hasDevInbox: true, operators: [OPERATOR] });
    await host.sql(`CREATE FUNCTION break() RETURNS trigger LANGUAGE plpgsql
      AS $$ BEGIN RAISE EXCEPTION 'broken on purpose'; END $$`);
    await host.sql(
      'CREATE TRIGGER break BEFORE UPDATE ON pet FOR EACH ROW EXECUTE FUNCTION break()',
    );
    await signUp(host.browser());
    const client = host.browser();
    await addDog(client, 'Rex');
    const guest = (await userOf(client))!.id;
    await signIn(client);
    // The attempts of a day are not waited for.
    await host.sql(
      `UPDATE account_links SET status = 'failed', attempts = 10, next_attempt_at = NULL`,
    );
    const operator = await signInByMail(host, OPERATOR);
    const { body } = await operator.get('/ops/data/links');
    expect(body.links).toMatchObject([
      { guestId: guest, status: 'failed', error: 'broken on purpose', nextAttemptAt: null },
    ]);
    await host.sql('DROP TRIGGER break ON pet');
    const path = `/ops/links/${body.links[0].id}/retry`;
    expect(await operator.post(path)).toMatchObject({ status: 200, body: { status: 'pending' } });
    await eventually('the link is merged', async () => {
      const [link] = await ledgerOf(host, guest);
      return link!.status === 'merged';
    });
    expect(await operator.post(path)).toMatchObject(refusal(404, 'FAILED_LINK_NOT_FOUND'));
    expect(await operator.post('/ops/links/none/retry')).toMatchObject(
      refusal(400, 'VALIDATION_FAILED'),
    );
  });
});
