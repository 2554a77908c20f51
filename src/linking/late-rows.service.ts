import {
  Inject,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
  type OnModuleDestroy,
} from '@nestjs/common';
import { DataSource } from 'typeorm';
import { UsersService } from '../users/users.service.js';
import { USERS_DATA_SOURCE } from '../users/users.tokens.js';
import type { AccountLink } from './ledger/account-link.js';
import { LedgerService } from './ledger/ledger.service.js';
import { LINKING_SETTINGS, type LinkingSettings } from './linking.options.js';
import { MergeConnection } from './merge/merge-connection.js';
import { type Receipts, TakeOver } from './merge/take-over.js';
import { OwnershipService } from './ownership/ownership.service.js';

const EVERY_MS = 60_000;

/**
 * Brings rows to the account that arrived for a guest after its merge. Where a foreign key names the guest Postgres refuses
 * them; a column without one, and the tombstone of a guest that is kept, takes them.
 */
@Injectable()
export class LateRowsService implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger(LateRowsService.name);
  private timer?: NodeJS.Timeout;

  constructor(
    @Inject(USERS_DATA_SOURCE) private readonly dataSource: DataSource,
    @Inject(LINKING_SETTINGS) private readonly settings: LinkingSettings,
    private readonly users: UsersService,
    private readonly ledger: LedgerService,
    private readonly ownership: OwnershipService,
    private readonly takeOver: TakeOver,
  ) {}

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => void this.tick(), EVERY_MS);
    this.timer.unref();
  }

  onModuleDestroy(): void {
    clearInterval(this.timer);
  }

  /** Sweeps the merges of the last 24 hours. @returns how many of them had rows that came late. */
  async run(): Promise<number> {
    const hasLateRows = this.ownership.lateRowsOf(this.settings.deleteGuest);
    if (hasLateRows === undefined) return 0;
    let swept = 0;
    for (const link of await this.ledger.recentlyMerged(hasLateRows)) {
      if (await this.sweep(link)) swept += 1;
    }
    return swept;
  }

  /** One merge in a transaction of its own, so that one that fails holds up none of the others. */
  private async sweep(link: AccountLink): Promise<boolean> {
    const signal = AbortSignal.timeout(this.settings.timeoutMs);
    try {
      const receipts = await MergeConnection.transaction(
        this.dataSource,
        this.settings.timeoutMs,
        signal,
        (connection) => this.take(connection, link, signal),
      );
      this.logger.log(`Late rows of link ${link.id}: ${JSON.stringify(receipts)}`);
      return Object.keys(receipts).length > 0;
    } catch (error) {
      this.logger.warn(`Late rows of link ${link.id} stay for now: ${String(error)}`);
      return false;
    }
  }

  /** Guest, then account, as every merge locks them. */
  private async take(
    connection: MergeConnection,
    { id: linkId, guestId, accountId }: AccountLink,
    signal: AbortSignal,
  ): Promise<Receipts> {
    const { manager } = connection;
    await this.users.lockGuest(manager, guestId);
    if (accountId === null || !(await this.users.lockAccount(manager, accountId))) return {};
    const parties = { linkId, guest: { id: guestId }, account: { id: accountId } };
    return this.takeOver.again(connection, parties, signal);
  }

  private async tick(): Promise<void> {
    try {
      await this.run();
    } catch (error) {
      this.logger.warn(`Late rows could not be looked up: ${String(error)}`);
    }
  }
}
