import type { PasswordHashing } from '../../src/index.js';
import type { Barrier } from './barrier.js';

/** Hashing comes right before the transaction, so that is where competitors meet. */
export class MeetingHashing implements PasswordHashing {
  barrier?: Barrier;
  /** The same for those who show a password instead of making one. */
  checking?: Barrier;

  async hash(password: string): Promise<string> {
    await this.barrier?.pass();
    return `plain:${password}`;
  }

  async verify(hash: string, password: string): Promise<boolean> {
    await this.checking?.pass();
    return hash === `plain:${password}`;
  }
}
