import { createHash, generateKeyPairSync, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type { Configuration, KoaContextWithOIDC, Provider } from 'oidc-provider';
import type { PawsConfig } from '../config/config.js';
import { MemoryAdapter } from './memory-adapter.js';
import { type DevPerson, personIn, personPage } from './person-page.js';

/** How the app is known to the provider. */
export interface DevProviderClient {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
}

interface Wishes {
  /** Where people are sent back to. */
  readonly redirectUris: readonly string[];
  /** The same one after a restart, for it is part of who people are. Another one if it is taken. */
  readonly port: number;
}

const SCOPES = 'openid email profile';

/** An OpenID provider for development, on this machine only: people type who they are. */
export class DevProvider {
  readonly client: DevProviderClient;
  private readonly people = new Map<string, DevPerson>();
  private provider!: Provider;

  private constructor(
    private readonly server: Server,
    private readonly redirectUris: readonly string[],
  ) {
    const { port } = server.address() as AddressInfo;
    this.client = {
      issuer: `http://127.0.0.1:${port}`,
      clientId: 'paws',
      clientSecret: randomBytes(24).toString('base64url'),
    };
  }

  static async start({ redirectUris, port }: Wishes): Promise<DevProvider> {
    const server = (await listening(port)) ?? (await listening(0));
    const started = new DevProvider(server!, redirectUris);
    await started.load();
    return started;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      if (request.url?.startsWith('/person/')) await this.ask(request, response);
      else await this.provider.callback()(request, response);
    } catch (error) {
      response.writeHead(400, { 'content-type': 'text/plain' }).end(String(error));
    }
  }

  /** The page where a person says who they are, and what comes of it. */
  private async ask(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { params } = await this.provider.interactionDetails(request, response);
    if (request.method !== 'POST') {
      const hint = typeof params.login_hint === 'string' ? params.login_hint : '';
      response
        .writeHead(200, { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' })
        .end(personPage(request.url!, hint));
      return;
    }
    const person = personIn(new URLSearchParams(await text(request)));
    const result = person
      ? { login: { accountId: this.remember(person) } }
      : { error: 'access_denied', error_description: 'the person went back' };
    await this.provider.interactionFinished(request, response, result);
  }

  private remember(person: DevPerson): string {
    const id = createHash('sha256').update(person.email.toLowerCase()).digest('hex').slice(0, 24);
    this.people.set(id, person);
    return id;
  }

  /** Not before somebody wants one: production never loads the package. */
  private async load(): Promise<void> {
    const { Provider: OidcProvider } = await import('oidc-provider');
    this.provider = new OidcProvider(this.client.issuer, this.configuration());
    this.server.on('request', (request, response) => void this.serve(request, response));
  }

  private configuration(): Configuration {
    const { clientId, clientSecret } = this.client;
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    return {
      adapter: MemoryAdapter,
      clients: [
        {
          client_id: clientId,
          client_secret: clientSecret,
          redirect_uris: [...this.redirectUris],
          id_token_signed_response_alg: 'ES256',
        },
      ],
      jwks: { keys: [{ ...privateKey.export({ format: 'jwk' }), alg: 'ES256', use: 'sig' }] },
      cookies: { keys: [randomBytes(24).toString('base64url')] },
      claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name'] },
      features: { devInteractions: { enabled: false } },
      interactions: { url: (_, { uid }) => `/person/${uid}` },
      findAccount: (_, id) => this.account(id),
      loadExistingGrant: grantEverything,
      expiresWithSession: () => false,
      ttl: {
        AccessToken: 60,
        AuthorizationCode: 60,
        IdToken: 60,
        Interaction: 600,
        Grant: 600,
        Session: 600,
      },
    };
  }

  private account(id: string) {
    const person = this.people.get(id);
    if (!person) return undefined;
    const { name, email, isVerified } = person;
    const claims = { sub: id, name, email, email_verified: isVerified };
    return { accountId: id, claims: () => claims };
  }
}

/** Beside the app, in development. */
export async function startDevProvider({
  devProviderPort: port,
  app: { baseUrl, trustedOrigins = [] },
}: Pick<PawsConfig, 'devProviderPort' | 'app'>): Promise<DevProvider | undefined> {
  if (port === undefined) return undefined;
  const origins = new Set([baseUrl, ...trustedOrigins]);
  const redirectUris = [...origins].map((origin) => `${origin}/auth/callback/dev`);
  return DevProvider.start({ redirectUris, port });
}

/** Who signs in here has agreed: there is nobody else to ask. */
async function grantEverything({ oidc }: KoaContextWithOIDC) {
  const grant = new oidc.provider.Grant({
    clientId: oidc.client!.clientId,
    accountId: oidc.session!.accountId!,
  });
  grant.addOIDCScope(SCOPES);
  await grant.save();
  return grant;
}

async function listening(port: number): Promise<Server | undefined> {
  const server = createServer().listen(port, '127.0.0.1');
  try {
    await once(server, 'listening');
    return server;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE') return undefined;
    throw error;
  }
}
