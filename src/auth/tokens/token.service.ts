import { Inject, Injectable } from '@nestjs/common';
import type { KeyObject } from 'node:crypto';
import jwt from 'jsonwebtoken';
import { validate as isUuid } from 'uuid';
import { Clock } from '../../common/clock.js';
import { Tables } from '../../users/tables.js';
import { AUTH_SETTINGS, type AuthSettings } from '../auth.settings.js';
import type { SessionClaims } from './session-claims.js';
import { TokenSigner } from './token-signer.js';

const ALGORITHM = 'HS256';
/** The header's `typ`: keeps any other token made with the same secret from passing as a session. */
const TYPE = 'session+jwt';

interface Payload {
  readonly sub: string;
  readonly jti: string;
  readonly epoch: number;
  readonly anon: boolean;
  readonly iat: number;
  readonly exp: number;
  readonly tmp?: true;
  readonly iss: string;
  readonly aud: string;
}

/** Signs and verifies the one token that browsers and other clients carry. Asks the database nothing. */
@Injectable()
export class TokenService {
  private readonly keys: ReadonlyMap<string, KeyObject>;
  private readonly signer: TokenSigner;

  constructor(
    @Inject(AUTH_SETTINGS) private readonly settings: AuthSettings,
    private readonly clock: Clock,
    private readonly tables: Tables,
  ) {
    this.keys = new Map(settings.keys.map(({ id, key }) => [id, key]));
    const [{ id, key }] = settings.keys;
    this.signer = new TokenSigner(key, { alg: ALGORITHM, typ: TYPE, kid: id });
  }

  sign(claims: SessionClaims): string {
    const payload: Payload = {
      sub: claims.userId,
      jti: claims.handle,
      epoch: claims.epoch,
      anon: claims.isGuest,
      iat: seconds(claims.issuedAt),
      exp: seconds(claims.expiresAt),
      ...(claims.endsWithBrowser && { tmp: true }),
      iss: this.settings.issuer,
      aud: this.settings.audience,
    };
    return this.signer.sign(payload);
  }

  /** The claims of a genuine token that has not expired, else `undefined`. */
  verify(token: string): SessionClaims | undefined {
    return this.read(token, false);
  }

  /**
   * Whom a genuine token names for signing up and in: as {@link verify}, and a guest also when the token has expired, up to
   * `guest.claimWithin` after it was issued.
   */
  verifyClaim(token: string): SessionClaims | undefined {
    const claims = this.read(token, true);
    if (!claims) return undefined;
    const now = this.clock.now().getTime();
    const claimableUntil = claims.isGuest
      ? claims.issuedAt.getTime() + this.settings.claimWithinMs
      : 0;
    return now < Math.max(claims.expiresAt.getTime(), claimableUntil) ? claims : undefined;
  }

  private read(token: string, ignoreExpiration: boolean): SessionClaims | undefined {
    const key = this.keyOf(token);
    if (!key) return undefined;
    try {
      const payload = jwt.verify(token, key, {
        algorithms: [ALGORITHM],
        issuer: this.settings.issuer,
        audience: this.settings.audience,
        clockTimestamp: seconds(this.clock.now()),
        ignoreExpiration,
      });
      return this.claimsOf(payload);
    } catch {
      return undefined;
    }
  }

  /** The key that a token names, if it is one of ours and the token is of our type. */
  keyOf(token: string): KeyObject | undefined {
    try {
      const [head = ''] = token.split('.', 1);
      const header: unknown = JSON.parse(Buffer.from(head, 'base64url').toString());
      const { typ, kid } = (header ?? {}) as { typ?: unknown; kid?: unknown };
      return typ === TYPE && typeof kid === 'string' ? this.keys.get(kid) : undefined;
    } catch {
      return undefined;
    }
  }

  /** Reads a verified payload. A claim of the wrong type, or from the future, makes it no claim at all. */
  claimsOf(payload: unknown): SessionClaims | undefined {
    const p = payload as Partial<Record<keyof Payload, unknown>>;
    const genuine =
      this.tables.users.isId(p.sub) &&
      isUuid(p.jti) &&
      isInteger(p.epoch) &&
      typeof p.anon === 'boolean' &&
      Number.isSafeInteger(p.iat) &&
      Number.isSafeInteger(p.exp);
    if (!genuine) return undefined;
    const { sub, jti, epoch, anon, iat, exp, tmp } = p as Payload;
    if (iat > seconds(this.clock.now()) + 60) return undefined;
    return {
      userId: sub,
      handle: jti,
      epoch,
      isGuest: anon,
      issuedAt: new Date(iat * 1000),
      expiresAt: new Date(exp * 1000),
      endsWithBrowser: tmp === true,
    };
  }
}

/** Whether Postgres has the value as an `integer`. */
function isInteger(value: unknown): boolean {
  return Number.isInteger(value) && Math.abs(value as number) <= 2 ** 31 - 1;
}

function seconds(date: Date): number {
  return Math.floor(date.getTime() / 1000);
}
