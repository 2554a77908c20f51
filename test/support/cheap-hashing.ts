import argon2 from 'argon2';
import type { PasswordHashing } from '../../src/index.js';

/** argon2id with the least it takes, so that tests of something else do not wait for it. */
export const cheapHashing: PasswordHashing = {
  hash: (password) =>
    argon2.hash(password, { type: argon2.argon2id, memoryCost: 1024, timeCost: 2, parallelism: 1 }),
  verify: (hashed, password) => argon2.verify(hashed, password).catch(() => false),
};
