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
import { Session } from './session.js';

const EVERY_MS = 600_000;
const BATCH = 1_000;

/** Removes sessions and flows that have expired, so that neither table grows for ever. Instances share the work. */
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
    const sessions = await this.sweep(this.tables.of(Session));
    return sessions + (await this.sweep(this.tables.of(AuthFlow)));
  }

  private async sweep({
    path,
    columns: c,
  }: SqlTable<ObjectLiteral & { id: string; expiresAt: Date }>): Promise<number> {
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
      this.logger.warn(`Expired sessions could not be removed: ${String(error)}`);
    }
  }
}
