import {
  Inject,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
  type OnModuleDestroy,
} from '@nestjs/common';
import { DataSource, type ObjectLiteral } from 'typeorm';
import { rowsOf, type SqlTable } from '../../common/sql.js';
import { Tables } from '../../users/tables.js';
import { USERS_DATA_SOURCE } from '../../users/users.tokens.js';
import { AuthFlow } from '../flows/auth-flow.js';
import { AuthLimit } from '../limits/auth-limit.js';
import { Session } from './session.js';

const EVERY_MS = 600_000;
const BATCH = 1_000;

/** Removes sessions, flows and counts that have expired, so that no table grows for ever. Instances share the work. */
@Injectable()
export class ExpirySweeper implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger(ExpirySweeper.name);
  private timer?: NodeJS.Timeout;

  constructor(
    @Inject(USERS_DATA_SOURCE) private readonly dataSource: DataSource,
    private readonly tables: Tables,
  ) {}

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => void this.tick(), EVERY_MS);
    this.timer.unref();
  }

  onModuleDestroy(): void {
    clearInterval(this.timer);
  }

  /** @returns how many rows went. */
  async run(): Promise<number> {
    const { tables } = this;
    let removed = 0;
    for (const table of [tables.of(Session), tables.of(AuthFlow), tables.of(AuthLimit)]) {
      removed += await this.sweep(table);
    }
    return removed;
  }

  private async sweep({
    path,
    columns: c,
  }: SqlTable<ObjectLiteral & { id: unknown; expiresAt: Date }>): Promise<number> {
    for (let total = 0; ;) {
      const removed = await rowsOf(
        this.dataSource,
        `DELETE FROM ${path} WHERE ${c.id} IN (SELECT ${c.id} FROM ${path}
           WHERE ${c.expiresAt} < now() LIMIT ${BATCH} FOR UPDATE SKIP LOCKED) RETURNING 1`,
      );
      total += removed.length;
      if (removed.length < BATCH) return total;
    }
  }

  private async tick(): Promise<void> {
    try {
      await this.run();
    } catch (error) {
      this.logger.warn(`What has expired could not be removed: ${String(error)}`);
    }
  }
}
