import { Inject, Injectable } from '@nestjs/common';
import { createHmac, type KeyObject, randomBytes, randomInt } from 'node:crypto';
import { AUTH_SETTINGS, type AuthSettings } from '../auth.settings.js';

/** Makes the secrets that finish flows, and hides them: the database never sees one. */
@Injectable()
export class FlowSecrets {
  constructor(@Inject(AUTH_SETTINGS) private readonly settings: AuthSettings) {}

  /** 256 random bits, fit for a URL and a cookie. */
  make(): string {
    return randomBytes(32).toString('base64url');
  }

  /** Six digits for somebody to type, each of the million as likely. Fit for a secret only as long as guesses are counted. */
  makeCode(): string {
    return String(randomInt(1_000_000)).padStart(6, '0');
  }

  /** Whether a value from outside can be one of {@link make} at all. */
  isOne(value: unknown): value is string {
    return typeof value === 'string' && /^[\w-]{43}$/.test(value);
  }

  /** As it is stored. @param use keeps a secret for one thing from passing for another. */
  hide(use: string, secret: string): Buffer {
    return hidden(this.settings.keys[0].key, use, secret);
  }

  /** As it may have been stored, under any of the secrets in rotation. */
  everyHiding(use: string, secret: string): Buffer[] {
    return this.settings.keys.map(({ key }) => hidden(key, use, secret));
  }
}

function hidden(key: KeyObject, use: string, secret: string): Buffer {
  return createHmac('sha256', key).update(`flow:${use}:${secret}`).digest();
}
