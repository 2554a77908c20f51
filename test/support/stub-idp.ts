import {
  createHash,
  generateKeyPairSync,
  type JsonWebKey,
  type KeyObject,
  randomUUID,
  sign,
} from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { oidc, type OidcOptions, type OidcProvider } from '../../src/index.js';

type Claims = Record<string, unknown>;
type Reply = (request: IncomingMessage, response: ServerResponse) => void | Promise<void>;

/** Who is at the provider's page. `sub` decides who it is; every other claim may be nonsense. */
export interface StubPerson extends Claims {
  readonly sub: unknown;
}

/** What the provider does wrong. */
export interface Misbehaviour {
  /** What becomes of the claims of the ID token. */
  readonly claims?: (claims: Claims) => Claims;
  /** What becomes of the protected header. */
  readonly header?: Record<string, unknown>;
  /** The ID token as a whole. */
  readonly idToken?: (genuine: string) => unknown;
  /** Signs with a key that is not among the published. */
  readonly foreignKey?: boolean;
  /** `iss` of the answer that travels through the browser. `null`: none. */
  readonly iss?: string | null;
  /** Takes any verifier. */
  readonly noPkce?: boolean;
  /** Takes a code again. */
  readonly reusesCodes?: boolean;
  /** What becomes of the discovery document. */
  readonly metadata?: (metadata: Claims) => Claims;
  /** In place of what an endpoint answers, by its path. */
  readonly replies?: Readonly<Record<string, Reply>>;
}

interface Grant {
  readonly person: StubPerson;
  readonly nonce: string;
  readonly challenge: string;
  readonly redirectUri: string;
  readonly clientId: string;
  isUsed: boolean;
}

interface SigningKey {
  readonly privateKey: KeyObject;
  readonly jwk: JsonWebKey;
}

const CLIENT_SECRET = 'the secret of the app';
const running = new Set<StubIdp>();

/** A provider as strict as a real one, until it is told to misbehave. */
export class StubIdp {
  misbehaviour: Misbehaviour = {};
  /** Paths that were asked for. */
  readonly requests: string[] = [];
  private readonly grants = new Map<string, Grant>();
  private readonly people = new Map<string, StubPerson>();
  private key = newKey();

  private constructor(
    private readonly server: Server,
    readonly issuer: string,
    /** As the host calls it. */
    readonly id: string,
  ) {}

  static async start(id = 'idp'): Promise<StubIdp> {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const idp = new StubIdp(server, `http://127.0.0.1:${port}`, id);
    server.on('request', (request, response) => void idp.serve(request, response));
    running.add(idp);
    return idp;
  }

  /** As the host writes it in its options. */
  provider(options: Partial<OidcOptions> = {}): OidcProvider {
    const { id, issuer } = this;
    return oidc({ id, issuer, clientId: 'app', clientSecret: CLIENT_SECRET, ...options });
  }

  /** What happens when the person says yes on the provider's page. @returns the callback they are sent to. */
  approve(authorizationUrl: string, person: StubPerson): URL {
    const { origin, pathname, searchParams } = new URL(authorizationUrl);
    const asked = (name: string) => searchParams.get(name) ?? '';
    expect(`${origin}${pathname}`).toBe(`${this.issuer}/authorize`);
    expect(asked('response_type')).toBe('code');
    expect(asked('code_challenge_method')).toBe('S256');
    const code = randomUUID();
    this.grants.set(code, {
      person,
      nonce: asked('nonce'),
      challenge: asked('code_challenge'),
      redirectUri: asked('redirect_uri'),
      clientId: asked('client_id'),
      isUsed: false,
    });
    return this.back(searchParams, { code });
  }

  /** What happens when the person says no. */
  refuse(authorizationUrl: string, error = 'access_denied'): URL {
    return this.back(new URL(authorizationUrl).searchParams, { error });
  }

  /** Publishes another key. */
  rotateKey(): void {
    this.key = newKey();
  }

  async stop(): Promise<void> {
    running.delete(this);
    this.server.closeAllConnections();
    if (this.server.listening) await new Promise((resolve) => this.server.close(resolve));
  }

  private back(asked: URLSearchParams, answer: Record<string, string>): URL {
    const { iss = this.issuer } = this.misbehaviour;
    const url = new URL(asked.get('redirect_uri')!);
    const state = asked.get('state')!;
    const query = { ...answer, state, ...(iss !== null && { iss }) };
    for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
    return url;
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname } = new URL(request.url!, this.issuer);
    this.requests.push(pathname);
    const replies: Record<string, Reply> = {
      '/.well-known/openid-configuration': (_, to) => json(to, 200, this.metadata()),
      '/jwks': (_, to) => json(to, 200, { keys: [this.key.jwk] }),
      '/token': (from, to) => this.token(from, to),
      '/userinfo': (from, to) => this.userinfo(from, to),
      ...this.misbehaviour.replies,
    };
    const reply = replies[pathname];
    if (reply) await reply(request, response);
    else json(response, 404, {});
  }

  private metadata(): Claims {
    const { issuer, misbehaviour } = this;
    const metadata = {
      issuer,
      authorization_endpoint: `${issuer}/authorize`,
      token_endpoint: `${issuer}/token`,
      jwks_uri: `${issuer}/jwks`,
      userinfo_endpoint: `${issuer}/userinfo`,
      response_types_supported: ['code'],
      subject_types_supported: ['public'],
      id_token_signing_alg_values_supported: ['ES256'],
      code_challenge_methods_supported: ['S256'],
      authorization_response_iss_parameter_supported: true,
    };
    return misbehaviour.metadata?.(metadata) ?? metadata;
  }

  private async token(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { noPkce, reusesCodes } = this.misbehaviour;
    const body = new URLSearchParams(await text(request));
    const grant = this.grants.get(body.get('code') ?? '');
    const verifier = body.get('code_verifier') ?? '';
    const challenge = createHash('sha256').update(verifier).digest('base64url');
    if (request.headers.authorization !== basic(grant?.clientId ?? 'app', CLIENT_SECRET)) {
      return json(response, 401, { error: 'invalid_client' });
    }
    const isGood =
      grant !== undefined &&
      (!grant.isUsed || reusesCodes) &&
      grant.redirectUri === body.get('redirect_uri') &&
      (noPkce || grant.challenge === challenge);
    if (!isGood) return json(response, 400, { error: 'invalid_grant' });
    grant.isUsed = true;
    const accessToken = randomUUID();
    this.people.set(accessToken, grant.person);
    json(response, 200, {
      access_token: accessToken,
      refresh_token: randomUUID(),
      token_type: 'Bearer',
      expires_in: 60,
      id_token: this.idToken(grant),
    });
  }

  private idToken({ person, nonce, clientId }: Grant): unknown {
    const { claims = (all: Claims) => all, header, idToken, foreignKey } = this.misbehaviour;
    const now = Math.floor(Date.now() / 1000);
    const genuine = { iss: this.issuer, aud: clientId, iat: now, exp: now + 60, nonce, ...person };
    const { privateKey } = foreignKey ? newKey() : this.key;
    const { kid } = this.key.jwk;
    const token = signed({ alg: 'ES256', kid, ...header }, claims(genuine), privateKey);
    return idToken ? idToken(token) : token;
  }

  private userinfo(request: IncomingMessage, response: ServerResponse): void {
    const token = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1] ?? '';
    const person = this.people.get(token);
    json(response, person ? 200 : 401, person ?? {});
  }
}

/** Leaves claims out. */
export const dropping =
  (...names: string[]) =>
  (claims: Claims): Claims =>
    Object.fromEntries(Object.entries(claims).filter(([name]) => !names.includes(name)));

/** For `afterAll`. */
export async function stopIdps(): Promise<void> {
  for (const idp of running) await idp.stop();
}

export function json(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

function newKey(): SigningKey {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const jwk = publicKey.export({ format: 'jwk' });
  return { privateKey, jwk: { ...jwk, alg: 'ES256', use: 'sig', kid: randomUUID() } };
}

/** By hand: no library would sign what a broken provider signs. */
function signed(header: object, claims: object, key: KeyObject): string {
  const parts = [header, claims].map((part) =>
    Buffer.from(JSON.stringify(part)).toString('base64url'),
  );
  const input = parts.join('.');
  const signature = sign('sha256', Buffer.from(input), { key, dsaEncoding: 'ieee-p1363' });
  return `${input}.${signature.toString('base64url')}`;
}

function basic(id: string, secret: string): string {
  const encoded = [id, secret].map((part) => new URLSearchParams({ v: part }).toString().slice(2));
  return `Basic ${Buffer.from(encoded.join(':')).toString('base64')}`;
}
