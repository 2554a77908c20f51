import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { User } from '../../../src/index.js';

export const OPERATOR_ADDRESSES = Symbol('operator addresses');

/** The people who run this app: accounts whose address is on the list, and proven. */
@Injectable()
export class Operators {
  private readonly addresses: ReadonlySet<string>;

  constructor(
    private readonly dataSource: DataSource,
    @Inject(OPERATOR_ADDRESSES) addresses: readonly string[],
  ) {
    this.addresses = new Set(addresses.map((address) => address.toLowerCase()));
  }

  /** Anybody can type an address when they sign up, so one that nobody has proven says nothing. */
  async include(userId: string): Promise<boolean> {
    const user = await this.dataSource.getRepository(User).findOneBy({ id: userId });
    return (
      user !== null &&
      !user.isAnonymous &&
      user.emailVerified &&
      this.addresses.has(user.email?.toLowerCase() ?? '')
    );
  }
}
