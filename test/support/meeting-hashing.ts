import type { PasswordHashing } from '../../src/index.js';
import type { Barrier } from './barrier.js';

/** Hashing comes right before the transaction, so that is where competitors meet. */
export class MeetingHashing implements PasswordHashing {
  barrier?: Barrier;

  async hash(password: string): Promise<string> {
    await this.barrier?.pass();
    return `plain:${password}`;
  }

  async verify(hash: string, password: string): Promise<boolean> {
    return hash === `plain:${password}`;
  }
}
