import { Inject, Injectable } from '@nestjs/common';
import { createHmac, type KeyObject, timingSafeEqual } from 'node:crypto';
import { AUTH_SETTINGS, type AuthSettings } from '../../auth/auth.settings.js';

/** Letters that are hard to mistake for one another and make no words. */
const ALPHABET = 'BCDFGHJKLMNPQRSTVWXZ';
const LENGTH = 6;
/** Far more than the alphabet needs, so that every code is as likely as any other. */
const BYTES_USED = 6;

/**
 * The code by which a person knows that two screens show the same link. It is computed, so nothing is stored and every instance
 * shows the same one. It is no secret to either side, and nothing is proven by it but that somebody has looked.
 */
@Injectable()
export class LinkCodes {
  constructor(@Inject(AUTH_SETTINGS) private readonly settings: AuthSettings) {}

  of(linkId: string): string {
    return codeOf(this.settings.keys[0].key, linkId);
  }

  /** Whether a person has typed the link's code, with any of the secrets in rotation. Case, spaces and dashes do not matter. */
  fits(linkId: string, typed: string): boolean {
    const code = Buffer.from(typed.replaceAll(/[\s-]/g, '').toUpperCase());
    if (code.length !== LENGTH) return false;
    return this.settings.keys.some(({ key }) =>
      timingSafeEqual(Buffer.from(codeOf(key, linkId)), code),
    );
  }
}

function codeOf(key: KeyObject, linkId: string): string {
  const digest = createHmac('sha256', key).update(`link-code:${linkId}`).digest();
  let rest = digest.readUIntBE(0, BYTES_USED);
  let code = '';
  for (let n = 0; n < LENGTH; n += 1) {
    code += ALPHABET[rest % ALPHABET.length];
    rest = Math.floor(rest / ALPHABET.length);
  }
  return code;
}
