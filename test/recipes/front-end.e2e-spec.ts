import { createTestApp, type TestApp } from '../support/test-app.js';
import { cors, PAGES } from './app/front-end.js';

const [PAGE = ''] = PAGES;

describe.each(['express', 'fastify'] as const)('a page on another origin, on %s', (adapter) => {
  let host: TestApp;
  beforeAll(async () => {
    host = await createTestApp({ adapter, cors, options: { trustedOrigins: PAGES } });
  });
  afterAll(() => host.close());

  const listed = (text: string | null) => text?.toLowerCase().split(/, */) ?? [];

  it.each([
    ['POST', '/auth/anonymous'],
    ['DELETE', '/auth/anonymous'],
    ['POST', '/notes'],
  ])('is allowed to send %s %s with a cookie and all headers', async (method, path) => {
    const answer = await host.browser().request('OPTIONS', path, {
      headers: {
        origin: PAGE,
        'access-control-request-method': method,
        'access-control-request-headers': cors.allowedHeaders.join(','),
      },
    });
    expect(answer.status).toBe(204);
    expect(answer.headers.get('access-control-allow-origin')).toBe(PAGE);
    expect(answer.headers.get('access-control-allow-credentials')).toBe('true');
    expect(listed(answer.headers.get('access-control-allow-methods'))).toContain(
      method.toLowerCase(),
    );
    expect(listed(answer.headers.get('access-control-allow-headers'))).toEqual(cors.allowedHeaders);
  });

  it('reads the answer and its token', async () => {
    const answer = await host.browser().post('/auth/anonymous', {}, { headers: { origin: PAGE } });
    expect(answer.status).toBe(201);
    expect(answer.headers.get('access-control-allow-origin')).toBe(PAGE);
    expect(answer.headers.get('access-control-allow-credentials')).toBe('true');
    expect(listed(answer.headers.get('access-control-expose-headers'))).toEqual(
      cors.exposedHeaders,
    );
    expect(answer.headers.get('set-auth-token')).not.toBeNull();
  });

  it('is the only one', async () => {
    const headers = { origin: 'https://evil.example' };
    const answer = await host.browser().post('/auth/anonymous', {}, { headers });
    expect(answer).toMatchObject({ status: 403, body: { code: 'INVALID_ORIGIN' } });
    expect(answer.headers.get('access-control-allow-origin')).not.toBe(headers.origin);
  });
});
