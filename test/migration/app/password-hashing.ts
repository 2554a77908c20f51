import argon2 from 'argon2';
import type { PasswordHashing } from '../../../src/index.js';
import { scrypt, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';

type Scrypt = (password: string, salt: string, length: number, cost: object) => Promise<Buffer>;
const derive: Scrypt = promisify(scrypt);
const COST = { N: 16_384, r: 16, p: 1, maxmem: 64 * 1024 * 1024 };

/** New passwords get argon2id; `salt:key`, both in hex, is what better-auth has stored. */
export const passwordHashing: PasswordHashing = {
  hash: (password) => argon2.hash(password),
  verify: async (stored, password) => {
    if (stored.startsWith('$')) return argon2.verify(stored, password).catch(() => false);
    const [salt = '', key = ''] = stored.split(':');
    const expected = Buffer.from(key, 'hex');
    if (salt === '' || expected.length !== 64) return false;
    return timingSafeEqual(expected, await derive(password.normalize('NFKC'), salt, 64, COST));
  },
};
