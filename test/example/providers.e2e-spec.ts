import { readConfig } from '../../examples/paws/config/config.js';
import { DevProvider } from '../../examples/paws/dev-provider/dev-provider.js';
import { signInAtProvider } from '../support/at-provider.js';
import { ORIGIN } from '../support/test-app.js';
import { comeBack, ledTo, setOut, whoIs } from '../support/visits.js';
import { closePaws, startPaws } from './paws-app.js';

afterEach(closePaws);

describe.each(['express', 'fastify'] as const)(
  'the local provider of the example on %s',
  (adapter) => {
    it('keeps the dogs of a guest', async () => {
      const redirectUris = [`${ORIGIN}/auth/callback/dev`];
      const provider = await DevProvider.start({ port: 0, redirectUris });
      try {
        const host = await startPaws({ adapter, devProvider: provider.client });
        const visitor = host.browser();
        expect((await visitor.get('/providers')).body).toEqual(['dev']);
        await visitor.post('/pets', { name: 'Rex' });
        const { id } = await whoIs(visitor);
        const url = await setOut(visitor, {
          provider: 'dev',
          callbackURL: '/?arrived=known#account',
        });
        const answer = await comeBack(
          visitor,
          await signInAtProvider(provider, url, 'ada@example.com'),
        );
        expect(ledTo(answer).to).toBe('/?arrived=known#account');
        expect(await whoIs(visitor)).toMatchObject({ id, email: 'ada@example.com' });
        expect((await visitor.get('/pets')).body).toMatchObject([{ name: 'Rex' }]);
      } finally {
        await provider.stop();
      }
    });

    it('is not there unless it is started', async () => {
      const host = await startPaws({ adapter });
      expect((await host.browser().get('/providers')).body).toEqual([]);
      expect(await host.browser().post('/auth/sign-in/social', { provider: 'dev' })).toMatchObject({
        status: 404,
        body: { code: 'PROVIDER_NOT_FOUND' },
      });
    });
  },
);

describe('the local provider', () => {
  it('is never there in production', () => {
    const production = {
      NODE_ENV: 'production',
      BASE_URL: 'https://paws.example',
      AUTH_SECRET: 'x'.repeat(32),
      DATABASE_URL: 'postgres://localhost/paws',
    };
    expect(readConfig({}).devProviderPort).toBe(3001);
    expect(readConfig({ PORT: '65535' }).devProviderPort).toBe(0);
    expect(readConfig(production).devProviderPort).toBeUndefined();
  });

  it('takes another port when its own is in use', async () => {
    const first = await DevProvider.start({ port: 0, redirectUris: [] }).catch(() => undefined);
    const redirectUris = [`${ORIGIN}/auth/callback/dev`];
    const one = first ?? (await DevProvider.start({ port: 0, redirectUris }));
    const port = Number(new URL(one.client.issuer).port);
    const second = await DevProvider.start({ port, redirectUris });
    expect(second.client.issuer).not.toBe(one.client.issuer);
    await Promise.all([one.stop(), second.stop()]);
  });
});
