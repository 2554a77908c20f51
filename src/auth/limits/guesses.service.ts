import { Injectable } from '@nestjs/common';
import { AnonymousException } from '../../common/errors.js';
import type { UserId } from '../../users/user.js';
import type { ClientInfo } from '../requests/client-info.js';
import { AddressLimits, type LimitedDeed } from './address-limits.service.js';
import { networkOf } from './client-network.js';

/** How long a network is known from which somebody has signed in. */
const KNOWN_FOR_MS = 30 * 86_400_000;

/**
 * Keeps passwords and codes from being guessed: so many wrong ones for one address, whoever sends them. That cannot be used to
 * lock somebody out for good: it does not count where they have signed in before, it ends by itself, and it says nothing about
 * the other ways in.
 */
@Injectable()
export class Guesses {
  constructor(private readonly limits: AddressLimits) {}

  /**
   * Checks a password for an address; so many from one network, and so many from all together. A right one does not count.
   * @param email normalised; whether anybody has it makes no difference.
   * @param check what it answers for a wrong password is `undefined`.
   * @throws AnonymousException `TOO_MANY_REQUESTS`, without checking.
   */
  ofPassword<Right>(
    email: string,
    { ipAddress }: Pick<ClientInfo, 'ipAddress'>,
    check: () => Promise<Right | undefined>,
  ): Promise<Right | undefined> {
    const here = placeOf(email, ipAddress);
    const deeds: LimitedDeed[] = [
      { limit: 'password', who: here },
      { limit: 'passwordAnywhere', who: [email], unlessKnown: here },
    ];
    return this.run(deeds, check, here);
  }

  /** The same for a mailed code. It has a few tries of its own; this counts those for one code after the other. */
  ofCode<Right>(
    email: string,
    { ipAddress }: Pick<ClientInfo, 'ipAddress'>,
    check: () => Promise<Right | undefined>,
  ): Promise<Right | undefined> {
    const here = placeOf(email, ipAddress);
    return this.run([{ limit: 'codes', who: [email], unlessKnown: here }], check, here);
  }

  /** The same for the password of an account that is signed in and is asked for it again. */
  ofOwnPassword<Right>(
    userId: UserId,
    check: () => Promise<Right | undefined>,
  ): Promise<Right | undefined> {
    return this.run([{ limit: 'password', who: ['account', userId] }], check);
  }

  private async run<Right>(
    deeds: readonly LimitedDeed[],
    check: () => Promise<Right | undefined>,
    here?: readonly string[],
  ): Promise<Right | undefined> {
    // Counted before, because of many at once each would find that there is room for one more.
    const { places, retryAfterSeconds } = await this.limits.take(...deeds);
    if (!places) throw new AnonymousException('TOO_MANY_REQUESTS', { retryAfterSeconds });
    let right: Right | undefined;
    try {
      right = await check();
    } catch (error) {
      // Nothing was learnt. Why it failed matters more than a place that stays taken.
      await this.limits.giveBack(places).catch(() => undefined);
      throw error;
    }
    if (right === undefined) return right;
    await this.limits.giveBack(places);
    if (here && !places.isKnown) await this.limits.remember(here, KNOWN_FOR_MS);
    return right;
  }
}

function placeOf(email: string, ipAddress: string | null): readonly string[] {
  return [email, networkOf({ ip: ipAddress ?? undefined })];
}
