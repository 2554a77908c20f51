import type {
  DataSource,
  EntityManager,
  EntityMetadata,
  EntityTarget,
  ObjectLiteral,
  QueryRunner,
} from 'typeorm';

/** Anything that runs SQL: the pool, or the connection of a transaction. */
export type SqlExecutor = Pick<EntityManager, 'query'>;

/** The names of one table, quoted for SQL. They come from TypeORM, so the host's naming counts. */
export interface SqlTable<Entity> {
  /** Schema and table, quoted. */
  readonly path: string;
  /** The bare name of the table, for constraint names. Without a host's `entityPrefix`: TypeORM prefixes only tables. */
  readonly name: string;
  /** Property to quoted column. */
  readonly columns: { readonly [Property in keyof Entity]-?: string };
  /** Select list that names every column after its property. */
  readonly select: (alias: string) => string;
}

export function quote(identifier: string): string {
  return `"${identifier.replaceAll('"', '""')}"`;
}

/** Schema and table, as TypeORM joins them, quoted. */
export function quotedPath(tablePath: string): string {
  return tablePath.split('.').map(quote).join('.');
}

/** Collects the parameters of one statement and hands out their places. */
export class SqlParameters {
  readonly values: unknown[] = [];

  /** The place of a value, with the type that the statement gives it. */
  add(value: unknown, type: string): string {
    return `${this.bind(value)}::text${type.endsWith('[]') ? '[]' : ''}::${type}`;
  }

  /** The place of a value whose type Postgres finds out by itself. */
  bind(value: unknown): string {
    this.values.push(value);
    return `$${this.values.length}`;
  }
}

/**
 * The names of an entity's table.
 * @param asText properties that are read as text, whatever the type of their column.
 */
export function sqlTableOf<Entity extends ObjectLiteral>(
  metadata: EntityMetadata,
  asText: ReadonlySet<string> = new Set(),
): SqlTable<Entity> {
  const own = metadata.columns.filter(isOwnColumn);
  const columns = Object.fromEntries(
    own.map((column) => [column.propertyName, quote(column.databaseName)]),
  ) as SqlTable<Entity>['columns'];
  return {
    path: quotedPath(metadata.tablePath),
    name: metadata.tableNameWithoutPrefix,
    columns,
    select: (alias) =>
      own
        .map(({ databaseName, propertyName }) => {
          const cast = asText.has(propertyName) ? '::text' : '';
          return `${alias}.${quote(databaseName)}${cast} AS ${quote(propertyName)}`;
        })
        .join(', '),
  };
}

/**
 * Whether a property of the entity itself holds the column: one of an embedded class, and the key of a relation, may have
 * the name of a property that means something else here.
 */
function isOwnColumn({
  propertyName,
  propertyPath,
  isVirtual,
}: EntityMetadata['columns'][number]): boolean {
  return propertyPath === propertyName && !isVirtual;
}

/** On the class that stands for an entity under a table prefix: which entity that is. */
export const TWIN_OF = Symbol.for('nestjs-anonymous:twin-of');

/** The metadata of an entity, or of the class that a host has derived from it, or that a table prefix has put in its place. */
export function metadataOf(
  dataSource: DataSource,
  entity: EntityTarget<ObjectLiteral>,
): EntityMetadata | undefined {
  if (dataSource.hasMetadata(entity)) return dataSource.getMetadata(entity);
  if (typeof entity !== 'function') return undefined;
  return dataSource.entityMetadatas.find(
    ({ target }) =>
      typeof target === 'function' &&
      (target.prototype instanceof entity || Reflect.get(target, TWIN_OF) === entity),
  );
}

/** The rows that a statement returns. TypeORM wraps those of UPDATE and DELETE with their count; this does not. */
export async function rowsOf<Row>(
  executor: SqlExecutor,
  sql: string,
  parameters: readonly unknown[] = [],
): Promise<Row[]> {
  const result: unknown = await executor.query(sql, [...parameters]);
  const [first] = result as unknown[];
  return (Array.isArray(first) ? first : result) as Row[];
}

/**
 * Runs `work` in one transaction. READ COMMITTED is stated because the lock protocols are written for it: under a
 * stricter default of the host a statement would keep looking at the rows as they were before it waited for a lock.
 */
export function runInTransaction<Result>(
  dataSource: DataSource,
  work: (manager: EntityManager) => Promise<Result>,
): Promise<Result> {
  return dataSource.transaction('READ COMMITTED', work);
}

const LONGEST_WAIT_MS = 2_000;

/**
 * SQL condition, always true: {@link runWaitingBriefly} for a statement that stands alone, on the rows that it locks. It asks
 * nothing of them, so Postgres looks at it before it touches one, and the setting ends with the statement.
 */
export const WAITING_BRIEFLY = `(SELECT set_config('lock_timeout', '${LONGEST_WAIT_MS}', true)) IS NOT NULL`;

/**
 * The same for what somebody waits for. A statement that has waited two seconds for a row, because another transaction holds
 * it, fails with `LOCK_NOT_AVAILABLE`: waiting longer would keep a connection from everybody else.
 */
export async function runWaitingBriefly<Result>(
  dataSource: DataSource,
  work: (manager: EntityManager) => Promise<Result>,
): Promise<Result> {
  const runner = dataSource.createQueryRunner();
  try {
    await startTransaction(runner, `SET LOCAL lock_timeout = ${LONGEST_WAIT_MS}`);
    const result = await work(runner.manager);
    await runner.commitTransaction();
    return result;
  } catch (error) {
    // The first error says most.
    if (runner.isTransactionActive) await runner.rollbackTransaction().catch(() => undefined);
    throw error;
  } finally {
    await runner.release();
  }
}

const START = 'START TRANSACTION';

/**
 * Starts a READ COMMITTED transaction with these settings. All in one message: TypeORM has no words for settings, and sends
 * its start and the level one by one.
 */
export async function startTransaction(runner: QueryRunner, settings: string): Promise<void> {
  const send = runner.query.bind(runner) as (sql: string, ...rest: unknown[]) => Promise<unknown>;
  let isStarted = false;
  const query = (sql: string, ...rest: unknown[]) => {
    if (sql === START) {
      isStarted = true;
      return send(`${START} ISOLATION LEVEL READ COMMITTED; ${settings}`);
    }
    const isLevel = isStarted && sql.startsWith('SET TRANSACTION ISOLATION LEVEL');
    return isLevel ? Promise.resolve() : send(sql, ...rest);
  };
  const own = Object.getOwnPropertyDescriptor(runner, 'query');
  Object.defineProperty(runner, 'query', { value: query, configurable: true, writable: true });
  try {
    await runner.startTransaction('READ COMMITTED');
  } finally {
    if (own) Object.defineProperty(runner, 'query', own);
    else Reflect.deleteProperty(runner, 'query');
  }
  if (!isStarted) await runner.query(settings);
}

/** SQLSTATE of a failed statement, wherever TypeORM put it; `undefined` for other errors. */
export function sqlStateOf(error: unknown): string | undefined {
  const { code, driverError } = (error ?? {}) as { code?: unknown; driverError?: unknown };
  if (typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code)) return code;
  return driverError === undefined ? undefined : sqlStateOf(driverError);
}

export const UNIQUE_VIOLATION = '23505';
export const LOCK_NOT_AVAILABLE = '55P03';
export const SERIALIZATION_FAILURE = '40001';
export const FOREIGN_KEY_VIOLATION = '23503';
export const DEADLOCK_DETECTED = '40P01';
