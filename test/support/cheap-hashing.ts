import type { INestApplicationContext } from '@nestjs/common';
import argon2 from 'argon2';
import { AUTH_SETTINGS } from '../../src/auth/auth.settings.js';
import type { PasswordHashing } from '../../src/index.js';

/** argon2id with the least it takes, so that tests of something else do not wait for it. */
export const cheapHashing: PasswordHashing = {
  hash: (password) =>
    argon2.hash(password, { type: argon2.argon2id, memoryCost: 1024, timeCost: 2, parallelism: 1 }),
  verify: (hashed, password) => argon2.verify(hashed, password).catch(() => false),
};

/** For an app that takes no hashing as an option, as the example. */
export function hashCheaply(app: INestApplicationContext): void {
  Object.assign(app.get<object>(AUTH_SETTINGS, { strict: false }), { hashing: cheapHashing });
}
