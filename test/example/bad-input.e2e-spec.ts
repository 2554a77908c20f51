import { refusal, rowCounts } from '../support/expectations.js';
import type { TestApp } from '../support/test-app.js';
import { closePaws, startPaws } from './paws-app.js';
import { addDog } from './visitors.js';

const NO_DOG = '00000000-0000-4000-8000-000000000000';
const JSON_TYPE = { 'content-type': 'application/json' };

/** Path, body, the field that is wrong. */
const WRONG_FIELDS: [path: string, body: unknown, field: string][] = [
  ['/pets', {}, 'name'],
  ['/pets', { name: '' }, 'name'],
  ['/pets', { name: '   ' }, 'name'],
  ['/pets', { name: 'x'.repeat(61) }, 'name'],
  ['/pets', { name: 7 }, 'name'],
  ['/pets', { name: null }, 'name'],
  ['/pets', { name: ['Rex'] }, 'name'],
  ['/pets', { name: { $ne: null } }, 'name'],
  ['/pets', { name: 'a\u0000b' }, 'name'],
  ['/pets', { name: 'a\nb' }, 'name'],
  ['/pets', { name: '\ud800' }, 'name'],
  ['/pets', { name: 'Rex', breed: 'x'.repeat(61) }, 'breed'],
  ['/pets', { name: 'Rex', userId: NO_DOG }, 'userId'],
  ['/pets', [], ''],
  ['/pets', [{ name: 'Rex' }], ''],
  ['/photos', { petId: 'x', url: 'https://a.example/b.jpg' }, 'petId'],
  ['/photos', { petId: NO_DOG }, 'url'],
  ['/photos', { petId: NO_DOG, url: 'javascript:alert(1)' }, 'url'],
  ['/photos', { petId: NO_DOG, url: 'data:image/png;base64,AA' }, 'url'],
  ['/photos', { petId: NO_DOG, url: 'data:image/png,plain' }, 'url'],
  ['/photos', { petId: NO_DOG, url: 'data:image/svg+xml;base64,PHN2Zy8+' }, 'url'],
  ['/photos', { petId: NO_DOG, url: 'data:text/html;base64,PHNjcmlwdD4=' }, 'url'],
  ['/photos', { petId: NO_DOG, url: 'data:image/jpeg;base64,PHNjcmlwdD4=' }, 'url'],
  ['/photos', { petId: NO_DOG, url: 'data:image/jpeg;base64,/9j/4AAQSkZJRgAB\n' }, 'url'],
  ['/photos', { petId: NO_DOG, url: 'data:image/jpeg;base64,/9j/4AAQSkZJRgAB"' }, 'url'],
  ['/photos', { petId: NO_DOG, url: `data:image/jpeg;base64,/9j/${'A'.repeat(56_000)}` }, 'url'],
  ['/photos', { petId: NO_DOG, url: '//elsewhere.example/b.jpg' }, 'url'],
  ['/photos', { petId: NO_DOG, url: `https://a.example/${'x'.repeat(2048)}` }, 'url'],
  ['/basket/items', { sku: 'ball' }, 'quantity'],
  ['/basket/items', { sku: 'ball', quantity: 0 }, 'quantity'],
  ['/basket/items', { sku: 'ball', quantity: -1 }, 'quantity'],
  ['/basket/items', { sku: 'ball', quantity: 1.5 }, 'quantity'],
  ['/basket/items', { sku: 'ball', quantity: 1000 }, 'quantity'],
  ['/basket/items', { sku: 'ball', quantity: '2' }, 'quantity'],
  ['/basket/items', { sku: '', quantity: 1 }, 'sku'],
];

/** Bodies that no serializer of ours would write. */
const RAW: [what: string, raw: string, headers: Record<string, string>, refused: object][] = [
  ['no JSON', '{"name":', JSON_TYPE, refusal(400, 'MALFORMED_JSON')],
  ['a string', '"Rex"', JSON_TYPE, { status: 400 }],
  ['__proto__', '{"name":"Rex","__proto__":1}', JSON_TYPE, { status: 400 }],
  ['constructor', '{"name":"Rex","constructor":{}}', JSON_TYPE, { status: 400 }],
  [
    'deep nesting',
    `{"name":${'['.repeat(30_000)}${']'.repeat(30_000)}}`,
    JSON_TYPE,
    { status: 400 },
  ],
  ['1 MB', `{"name":"${'x'.repeat(1_100_000)}"}`, JSON_TYPE, refusal(413, 'PAYLOAD_TOO_LARGE')],
];

describe.each(['express', 'fastify'] as const)('bad input to the example on %s', (adapter) => {
  let host: TestApp;
  beforeAll(async () => {
    host = await startPaws({ adapter });
  });
  afterAll(closePaws);

  it.each(WRONG_FIELDS)('POST %s %j is refused for "%s"', async (path, body, field) => {
    const before = await rowCounts(host);
    const answer = await host.browser().post(path, body);
    expect(answer).toMatchObject(refusal(400, 'VALIDATION_FAILED'));
    expect(answer.body.errors.map((error: { field: string }) => error.field)).toContain(field);
    expect(await rowCounts(host)).toEqual(before);
  });

  it.each(RAW)('POST /pets with %s is refused', async (_, raw, headers, refused) => {
    const before = await rowCounts(host);
    expect(await host.browser().request('POST', '/pets', { raw, headers })).toMatchObject(refused);
    expect(await rowCounts(host)).toEqual(before);
  });

  it('keeps pictures off dogs that are not there or belong to somebody else', async () => {
    const stranger = host.browser();
    const dog = await addDog(stranger, 'Rex');
    const client = host.browser();
    await addDog(client, 'Luna');
    for (const petId of [NO_DOG, dog]) {
      expect(await client.post('/photos', { petId, url: '/assets/dog.svg' })).toMatchObject(
        refusal(404, 'PET_NOT_FOUND'),
      );
    }
    expect((await stranger.get('/photos')).body).toEqual([]);
  });

  it('leaves no guest behind when the first thing is refused', async () => {
    const before = await rowCounts(host);
    const client = host.browser();
    const photo = { petId: NO_DOG, url: '/assets/dog.svg' };
    expect(await client.post('/photos', photo)).toMatchObject(refusal(404, 'PET_NOT_FOUND'));
    expect(await rowCounts(host)).toEqual(before);
    expect(client.cookies.header()).toBe('');
  });

  it('refuses what another site makes a browser send', async () => {
    const headers = { origin: 'https://evil.example' };
    const before = await rowCounts(host);
    expect(await host.browser().post('/pets', { name: 'Rex' }, { headers })).toMatchObject(
      refusal(403, 'INVALID_ORIGIN'),
    );
    expect(await rowCounts(host)).toEqual(before);
  });
});
