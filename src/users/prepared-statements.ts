import { Logger } from '@nestjs/common';
import { createHash } from 'node:crypto';
import type { Client } from 'pg';
import { type DataSource, QueryFailedError } from 'typeorm';
import type { SqlExecutor } from '../common/sql.js';
import { sqlStateOf } from '../common/sql.js';

/** How statements are sent that every request needs. */
export interface StatementOptions {
  /**
   * Whether Postgres keeps the statements that requests send over and over, parsed and planned, on each connection.
   * `false` for a pooler that does not know of prepared statements, such as PgBouncer before 1.21 in transaction mode.
   * @default true
   */
  readonly preparedStatements?: boolean;
}

/** Texts beyond that are sent as they are: they come from a host that makes up new ones, and connections keep them all. */
const MOST_STATEMENTS = 100;
/** A pooler gave us a connection that does not know the statement, or knows it from somebody else. */
const FOREIGN_CONNECTION: readonly (string | undefined)[] = ['26000', '42P05'];
const FEATURE_NOT_SUPPORTED = '0A000';

/**
 * The pool, for statements that stand alone and are sent over and over: by name, so that Postgres parses and plans each
 * once for each connection and not for every request. TypeORM has no way to say a name, so these go to the connection of
 * a query runner itself, and to the DataSource's log.
 */
export class PreparedStatements implements SqlExecutor {
  private readonly logger = new Logger(PreparedStatements.name);
  private readonly names = new Map<string, string>();
  private generation = 0;
  private isOn: boolean;

  constructor(
    private readonly dataSource: DataSource,
    { preparedStatements = true }: StatementOptions = {},
  ) {
    this.isOn = preparedStatements && dataSource.options.type === 'postgres';
  }

  async query<Rows = unknown>(text: string, values: unknown[] = []): Promise<Rows> {
    const name = this.nameOf(text);
    if (name === undefined) return this.dataSource.query<Rows>(text, values);
    const runner = this.dataSource.createQueryRunner();
    try {
      const client = (await runner.connect()) as Client;
      const { logger, options } = this.dataSource;
      logger.logQuery(text, values, runner);
      const start = performance.now();
      try {
        return (await this.send(client, name, text, values)) as Rows;
      } catch (error) {
        logger.logQueryError(error as Error, text, values, runner);
        throw new QueryFailedError(text, values, error as Error);
      } finally {
        const ms = performance.now() - start;
        const { maxQueryExecutionTime: limit } = options;
        if (limit && ms > limit) logger.logQuerySlow(ms, text, values, runner);
      }
    } finally {
      await runner.release();
    }
  }

  /** None when the statement is to be sent as it is. */
  private nameOf(text: string): string | undefined {
    if (!this.isOn || this.isOverheard()) return undefined;
    const known = this.names.get(text);
    if (known !== undefined || this.names.size >= MOST_STATEMENTS) return known;
    // The digest: behind a pooler a name must not stand for two texts.
    const digest = createHash('sha256').update(text).digest('hex').slice(0, 32);
    const name = `na_${this.generation}_${digest}`;
    this.names.set(text, name);
    return name;
  }

  /** Whether somebody wants to be told of each query; only TypeORM itself knows how. */
  private isOverheard(): boolean {
    return this.dataSource.subscribers.some(
      (subscriber) => 'beforeQuery' in subscriber || 'afterQuery' in subscriber,
    );
  }

  private async send(client: Client, name: string, text: string, values: unknown[]) {
    try {
      return (await client.query({ name, text, values })).rows;
    } catch (error) {
      if (!this.isOutdated(error, name)) throw error;
      // The name was at fault, so nothing has been done, and the statement stands alone.
      return (await client.query(text, values)).rows;
    }
  }

  /** Whether it was the name that failed, not the statement. */
  private isOutdated(error: unknown, name: string): boolean {
    const state = sqlStateOf(error);
    if (FOREIGN_CONNECTION.includes(state)) {
      if (this.isOn) {
        this.logger.warn(
          'Connections forget prepared statements, as behind a pooler in transaction mode, so none are used any more. Write `preparedStatements: false`.',
        );
      }
      this.isOn = false;
      return true;
    }
    const { routine } = error as { routine?: string };
    if (state !== FEATURE_NOT_SUPPORTED || routine !== 'RevalidateCachedQuery') return false;
    // A column has got another type. All connections have the old statement; they get the next one by another name.
    if (name.startsWith(`na_${this.generation}_`)) {
      this.generation += 1;
      this.names.clear();
    }
    return true;
  }
}
