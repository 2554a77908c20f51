import { Logger } from '@nestjs/common';
import { createHash } from 'node:crypto';
import type { Client } from 'pg';
import {
  type DataSource,
  type EntityManager,
  QueryFailedError,
  type QueryRunner,
  QueryRunnerAlreadyReleasedError,
} from 'typeorm';
import { type SqlExecutor, sqlStateOf } from '../common/sql.js';

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
/** Which of the features: a cached plan whose result has got another type. */
const REVALIDATION = 'RevalidateCachedQuery';

/** How each name of ours begins; then come the generation and the digest of the text. */
const PREFIX = 'na_';

/**
 * Statements that are sent over and over go by name, so that Postgres parses and plans each once for each connection and
 * not for every request. This one is the pool, for those that stand alone; {@link within} is the connection of a
 * transaction. TypeORM has no way to say a name, so these go to the connection of a query runner itself, and to the log of
 * the DataSource.
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
      return (await this.send(runner, name, text, values)) as Rows;
    } catch (error) {
      // The name was at fault, so nothing has been done, and the statement stands alone.
      if (isOutdatedStatement(error)) return (await runner.query(text, values)) as Rows;
      throw error;
    } finally {
      await runner.release();
    }
  }

  /**
   * The same manager, its statements prepared. Not for those whose best plan depends on how many rows somebody has: a
   * prepared one may keep the plan for few. When one is outdated, the whole transaction is to be tried once more.
   */
  within(manager: EntityManager): EntityManager {
    const prepared = Object.create(manager) as EntityManager;
    prepared.query = (text: string, values: unknown[] = []) => {
      const name = values.length === 0 ? undefined : this.nameOf(text);
      return name === undefined
        ? manager.query(text, values)
        : this.send(manager.queryRunner!, name, text, values);
    };
    return prepared;
  }

  /** None when the statement is to be sent as it is. */
  private nameOf(text: string): string | undefined {
    if (!this.isOn || this.isOverheard()) return undefined;
    const known = this.names.get(text);
    if (known !== undefined || this.names.size >= MOST_STATEMENTS) return known;
    // The digest: behind a pooler a name must not stand for two texts.
    const digest = createHash('sha256').update(text).digest('hex').slice(0, 32);
    const name = `${PREFIX}${this.generation}_${digest}`;
    this.names.set(text, name);
    return name;
  }

  /** Whether somebody wants to be told of each query; only TypeORM itself knows how. */
  private isOverheard(): boolean {
    return this.dataSource.subscribers.some(
      (subscriber) => 'beforeQuery' in subscriber || 'afterQuery' in subscriber,
    );
  }

  // oxlint-disable-next-line typescript/no-explicit-any -- as EntityManager.query has it
  private async send(runner: QueryRunner, name: string, text: string, values: any[]): Promise<any> {
    // It still names its connection, which may be somebody else's by now.
    if (runner.isReleased) throw new QueryRunnerAlreadyReleasedError();
    const client = (await runner.connect()) as Client;
    const { logger, options } = this.dataSource;
    logger.logQuery(text, values, runner);
    const start = performance.now();
    try {
      return (await client.query({ name, text, values })).rows;
    } catch (error) {
      if (isOutdatedStatement(error)) this.forget(error, name);
      logger.logQueryError(error as Error, text, values, runner);
      throw new QueryFailedError(text, values, error as Error);
    } finally {
      const ms = performance.now() - start;
      const { maxQueryExecutionTime: limit } = options;
      if (limit && ms > limit) logger.logQuerySlow(ms, text, values, runner);
    }
  }

  private forget(error: unknown, name: string): void {
    if (sqlStateOf(error) === FEATURE_NOT_SUPPORTED) {
      // Every connection has the old statement; the next one gets another name, whoever notices first.
      if (!name.startsWith(`${PREFIX}${this.generation}_`)) return;
      this.generation += 1;
      this.names.clear();
    } else if (this.isOn) {
      this.isOn = false;
      this.logger.warn(
        'Connections forget prepared statements, as behind a pooler in transaction mode, so none are used any more. Write `preparedStatements: false`.',
      );
    }
  }
}

/**
 * Whether a statement failed for its name alone: a column has got another type since, or the connection does not know the
 * name, or knows it from somebody else. Nothing was done, and the next try goes another way.
 */
export function isOutdatedStatement(error: unknown): boolean {
  const state = sqlStateOf(error);
  if (FOREIGN_CONNECTION.includes(state)) return true;
  const { routine, driverError } = error as {
    routine?: string;
    driverError?: { routine?: string };
  };
  return state === FEATURE_NOT_SUPPORTED && (routine ?? driverError?.routine) === REVALIDATION;
}
