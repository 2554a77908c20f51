import { Logger } from '@nestjs/common';
import { availableParallelism } from 'node:os';
import argon2 from 'argon2';
import pLimit from 'p-limit';
import { AnonymousException } from '../../common/errors.js';
import type { PasswordHashing } from './password-hashing.js';

/** OWASP's floor for argon2id: 19 MiB, 2 passes, 1 lane. */
const PARAMETERS = {
  type: argon2.argon2id,
  memoryCost: 19_456,
  timeCost: 2,
  parallelism: 1,
} as const;
const LONGEST_QUEUE = 200;

/**
 * argon2id with the parameters that OWASP recommends. Hashing shares Node's thread pool with DNS and files, so at most
 * one hash for each core runs at once; past a full queue the answer is 503 rather than a wait without end.
 */
export class Argon2idHashing implements PasswordHashing {
  private readonly logger = new Logger(Argon2idHashing.name);
  private readonly limit = pLimit(availableParallelism());

  hash(password: string): Promise<string> {
    return this.run(() => argon2.hash(password, PARAMETERS));
  }

  verify(hash: string, password: string): Promise<boolean> {
    return this.run(async () => {
      try {
        return await argon2.verify(hash, password);
      } catch (error) {
        this.logger.error('A stored password hash cannot be read.', error);
        return false;
      }
    });
  }

  private run<Result>(work: () => Promise<Result>): Promise<Result> {
    if (this.limit.pendingCount >= LONGEST_QUEUE) {
      throw new AnonymousException('TEMPORARILY_UNAVAILABLE', { cause: 'password hash queue' });
    }
    return this.limit(work);
  }
}
