import { createHash, createSecretKey, type KeyObject } from 'node:crypto';
import { type Duration, durationMs } from '../common/duration.js';
import { ConfigurationError } from '../common/errors.js';
import type { AuthOptions } from './auth.options.js';
import { Argon2idHashing } from './password/argon2id.hashing.js';
import type { PasswordHashing } from './password/password-hashing.js';
import type { Principal } from './requests/principal.js';

export interface SigningKey {
  /** A fingerprint of the secret, so that a token names its key without telling it. */
  readonly id: string;
  readonly key: KeyObject;
}

/** {@link AuthOptions} checked and with every default filled in. */
export interface AuthSettings {
  /** The first signs, all verify. */
  readonly keys: readonly [SigningKey, ...SigningKey[]];
  readonly issuer: string;
  readonly audience: string;
  readonly origins: ReadonlySet<string>;
  readonly baseUrl: URL;
  readonly cookie: {
    readonly name: string;
    readonly secure: boolean;
    readonly sameSite: 'lax' | 'strict';
  };
  readonly guestTtlMs: number;
  readonly claimWithinMs: number;
  readonly allowUpgrade: boolean;
  readonly sessionTtlMs: number;
  readonly cacheForMs: number;
  readonly passwordMinLength: number;
  readonly hashing: PasswordHashing;
  readonly passportUser: (principal: Principal) => unknown;
}

export const AUTH_SETTINGS = Symbol('nestjs-anonymous:auth-settings');

const SECRET_BYTES = 32;

/** @throws ConfigurationError naming the option at fault. */
export function resolveAuthSettings(options: AuthOptions): AuthSettings {
  const baseUrl = parseOrigin('baseUrl', options.baseUrl);
  const secure = baseUrl.protocol === 'https:';
  const guestTtlMs = durationMs('guest.expiresIn', options.guest?.expiresIn ?? '7d');
  return {
    keys: signingKeys(options),
    issuer: options.issuer ?? baseUrl.origin,
    audience: options.audience ?? baseUrl.origin,
    baseUrl,
    origins: new Set([
      baseUrl.origin,
      ...(options.trustedOrigins ?? []).map((o) => parseOrigin('trustedOrigins', o).origin),
    ]),
    cookie: {
      name: cookieName(options.cookie?.name, secure),
      secure,
      sameSite: options.cookie?.sameSite ?? 'lax',
    },
    guestTtlMs,
    claimWithinMs: claimWithin(options.guest?.claimWithin, guestTtlMs),
    allowUpgrade: options.guest?.allowUpgrade ?? true,
    sessionTtlMs: durationMs('session.expiresIn', options.session?.expiresIn ?? '30d'),
    cacheForMs: durationMs('session.cacheFor', options.session?.cacheFor ?? '0s'),
    passwordMinLength: passwordMinLength(options.password?.minLength ?? 8),
    hashing: options.password?.hash ?? new Argon2idHashing(),
    passportUser: options.passport?.user ?? ((principal) => principal),
  };
}

function claimWithin(value: Duration | undefined, guestTtlMs: number): number {
  if (value === undefined) return Math.max(durationMs('guest.claimWithin', '30d'), guestTtlMs);
  const ms = durationMs('guest.claimWithin', value);
  if (ms < guestTtlMs) {
    throw new ConfigurationError(
      'option "guest.claimWithin" is shorter than "guest.expiresIn". Make it longer, for example \'30d\'.',
    );
  }
  return ms;
}

function signingKeys({ secret, secrets }: AuthOptions): [SigningKey, ...SigningKey[]] {
  if (secret !== undefined && secrets !== undefined) {
    throw new ConfigurationError('set either "secret" or "secrets", not both.');
  }
  const option = secrets ? 'secrets' : 'secret';
  const [first, ...others] = (secrets ?? [secret]).map((value) => signingKey(option, value));
  if (!first) throw new ConfigurationError('option "secrets" is empty. Give at least one secret.');
  return [first, ...others];
}

function signingKey(option: string, secret: string | undefined): SigningKey {
  if (typeof secret !== 'string' || Buffer.byteLength(secret) < SECRET_BYTES) {
    throw new ConfigurationError(
      `option "${option}" needs at least ${SECRET_BYTES} bytes in each secret. Make one with \`openssl rand -base64 32\` and pass it as \`secret: process.env.AUTH_SECRET\`.`,
    );
  }
  return {
    id: createHash('sha256').update('kid').update(secret).digest('base64url').slice(0, 11),
    key: createSecretKey(secret, 'utf8'),
  };
}

function parseOrigin(option: string, value: string): URL {
  const url = tryUrl(value);
  const isOrigin = url !== null && `${url.origin}${url.pathname}` === url.href;
  if (!isOrigin || url.pathname !== '/' || !/^https?:$/.test(url.protocol)) {
    throw new ConfigurationError(
      `option "${option}" is ${JSON.stringify(value)}. Write an origin without a path, for example 'https://app.example'.`,
    );
  }
  return url;
}

function tryUrl(value: string): URL | null {
  try {
    return new URL(value);
  } catch {
    return null;
  }
}

function cookieName(name: string | undefined, secure: boolean): string {
  if (name === undefined) return secure ? '__Host-session' : 'anon.session';
  if (!/^[\w.!#$%&'*+^`|~-]{1,64}$/.test(name)) {
    throw new ConfigurationError(
      `option "cookie.name" is ${JSON.stringify(name)}, which is no cookie name.`,
    );
  }
  if (/^__(host|secure)-/i.test(name) && !secure) {
    throw new ConfigurationError(
      `option "cookie.name" is ${name}, which browsers accept over https only, but "baseUrl" is http.`,
    );
  }
  return name;
}

function passwordMinLength(value: number): number {
  if (!Number.isInteger(value) || value < 8 || value > 256) {
    throw new ConfigurationError(
      `option "password.minLength" is ${String(value)}. Write a whole number from 8 to 256.`,
    );
  }
  return value;
}
