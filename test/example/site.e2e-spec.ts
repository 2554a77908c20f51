import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { refusal } from '../support/expectations.js';
import type { TestApp } from '../support/test-app.js';
import { closePaws, startPaws } from './paws-app.js';

const PUBLIC = join(import.meta.dirname, '..', '..', 'examples', 'paws', 'public');

describe.each(['express', 'fastify'] as const)('the site of the example on %s', (adapter) => {
  let host: TestApp;
  beforeAll(async () => {
    host = await startPaws({ adapter });
  });
  afterAll(closePaws);

  it.each(['/', '/docs'])('shows %s with scripts and styles of its own only', async (path) => {
    const page = await host.browser().get(path);
    const policy = page.headers.get('content-security-policy')!.split('; ');
    expect(policy).toEqual(
      expect.arrayContaining(["default-src 'none'", "script-src 'self'", "style-src 'self'"]),
    );
    expect(page.text).not.toMatch(/<style|<script>|\sstyle=|\son\w+=|<script[^>]*>[^<]/);
    const links = [...page.text.matchAll(/(?:src|href)="(\/[^"]*)"/g)].map(([, link]) => link!);
    expect(links.length).toBeGreaterThan(2);
    for (const link of links) {
      expect([link, (await host.browser().get(link)).status]).toEqual([link, 200]);
    }
  });

  it('serves every file of the page with its type', async () => {
    const types: Record<string, string> = {
      css: 'text/css',
      html: 'text/html',
      js: 'text/javascript',
      svg: 'image/svg+xml',
    };
    for (const file of readdirSync(PUBLIC)) {
      const { status, headers } = await host.browser().get(`/assets/${file}`);
      const type = headers.get('content-type')!.split(';')[0];
      expect([file, status, type]).toEqual([file, 200, types[file.split('.').at(-1)!]]);
      expect(headers.get('x-content-type-options')).toBe('nosniff');
    }
  });

  it('serves the script of the page as one file that needs nothing else', async () => {
    const script = await host.browser().get('/assets/app.js');
    expect([script.status, script.headers.get('content-type')]).toEqual([
      200,
      'text/javascript; charset=utf-8',
    ]);
    expect(script.headers.get('x-content-type-options')).toBe('nosniff');
    // Of better-auth's client, of this library's, and of the page itself.
    for (const part of ['/get-session', '/sign-in/anonymous', '/confirm', 'consent-title']) {
      expect(script.text).toContain(part);
    }
    // What the policy refuses, and what a page would load besides.
    const others = /\beval\(|new Function\(|\bimport\b|sourceMappingURL/.exec(script.text);
    expect(others).toBeNull();
    expect(gzipSync(script.text).length).toBeLessThan(30_000);
  });

  it.each(['/', '/assets/app.js', '/assets/base.css', '/docs/ui/swagger-ui.css'])(
    'sends %s once, as long as it is the same',
    async (path) => {
      const client = host.browser();
      const first = await client.get(path);
      const tag = first.headers.get('etag')!;
      expect(first.headers.get('cache-control')).toBe('no-cache');
      const again = await client.get(path, { headers: { 'if-none-match': `W/${tag}` } });
      expect([again.status, again.text, again.headers.get('etag')]).toEqual([304, '', tag]);
      expect(again.headers.get('content-security-policy')).not.toBeNull();
      const other = await client.get(path, { headers: { 'if-none-match': '"another"' } });
      expect([other.status, other.text]).toEqual([200, first.text]);
    },
  );

  it.each([
    '/assets/..%2Fmain.ts',
    '/assets/none.js',
    '/assets/dom.js',
    '/docs/ui/package.json',
    '/nothing',
  ])('has nothing at %s', async (path) => {
    expect((await host.browser().get(path)).status).toBe(404);
  });

  it('lists the places for everybody', async () => {
    const { body } = await host.browser().get('/venues');
    expect(body.length).toBeGreaterThan(5);
    const names = body.map(({ name }: { name: string }) => name);
    expect(names).toEqual(names.toSorted());
    for (const venue of body) {
      expect(Object.keys(venue).toSorted()).toEqual(['city', 'description', 'id', 'kind', 'name']);
    }
  });

  it('describes its own routes and those of the library', async () => {
    const { body } = await host.browser().get('/docs-json');
    expect(Object.keys(body.paths)).toEqual(
      expect.arrayContaining(['/pets', '/photos', '/basket/items', '/checkout', '/auth/anonymous']),
    );
    expect(Object.keys(body.paths)).not.toContain('/assets/{name}');
  });
});

describe('GET /health of the example', () => {
  it('says whether the database answers', async () => {
    const host = await startPaws();
    const client = host.browser();
    try {
      expect(await client.get('/health')).toMatchObject({ status: 200, body: { status: 'ok' } });
      await host.dataSource.destroy();
      expect(await client.get('/health')).toMatchObject(refusal(503, 'DATABASE_DOWN'));
    } finally {
      await closePaws();
    }
  });
});
