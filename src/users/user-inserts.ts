import { Inject, Injectable } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import { ConfigurationError } from '../common/errors.js';
import { rowsOf, type SqlExecutor, SqlParameters } from '../common/sql.js';
import { NEW_USER_OPTIONS, type NewUserOptions } from './new-user.settings.js';
import { Tables } from './tables.js';
import type { UserTable } from './user-table.js';
import type { User, UserId } from './user.js';

/** The values of a new row. `id` is reserved, or still to be made. */
export interface NewUser extends Partial<Omit<User, 'id'>> {
  readonly id: UserId | null;
}

/** Values of the host's own columns in a new row, by quoted column. */
export type HostColumns = Readonly<Record<string, unknown>>;

/** Properties whose values say who somebody is, so that no host makes them up. */
const OURS: readonly string[] = ['id', 'email', 'isAnonymous', 'epoch'];

/**
 * A common table expression that has to agree before the user is inserted, in the same statement.
 * @param id SQL expression for the id of the user.
 * @param bind hands out the place of a parameter.
 */
export type InsertCondition = (
  id: string,
  bind: (value: unknown) => string,
) => { readonly cte: string; readonly condition: string };

/** Inserts users into a table that may be the host's, with its own ids and its own columns. */
@Injectable()
export class UserInserts {
  private readonly table: UserTable;
  private nextId?: Promise<string>;

  constructor(
    tables: Tables,
    @Inject(NEW_USER_OPTIONS) private readonly options: NewUserOptions,
  ) {
    this.table = tables.users;
  }

  /**
   * Reads the default of the id column, so that no request has to.
   * @throws ConfigurationError when there is none and ids are not made here.
   */
  async prepare(executor: SqlExecutor): Promise<void> {
    if (this.table.makesIds) await this.nextIdOf(executor);
  }

  /** An id that nobody gets any more, for what has to know it before the row exists. */
  async reserveId(executor: SqlExecutor): Promise<UserId> {
    if (!this.table.makesIds) return uuidv7();
    const [row] = await rowsOf<{ id: UserId }>(
      executor,
      `SELECT ${await this.nextIdOf(executor)}::text AS "id"`,
    );
    return row!.id;
  }

  /** One statement. `condition` may refuse: then nothing is written and the answer is `undefined`. */
  async insert(
    executor: SqlExecutor,
    { id, ...values }: NewUser,
    hostColumns: HostColumns,
    condition?: InsertCondition,
  ): Promise<User | undefined> {
    const { path, columns, idType, makesIds, select } = this.table;
    const parameters = new SqlParameters();
    const bind = (value: unknown) => parameters.bind(value);
    const given = bind(makesIds ? id : (id ?? uuidv7()));
    const filled = Object.entries(this.ownColumns(values, hostColumns));
    const names = [columns.id, ...filled.map(([column]) => column)].join(', ');
    const into = `INSERT INTO ${path} AS u (${names})`;
    const row = (newId: string) => [newId, ...filled.map(([, value]) => bind(value))].join(', ');
    const write = async (text: string) => {
      const returning = `${text} RETURNING ${select('u')}`;
      return (await rowsOf<User>(executor, returning, parameters.values))[0];
    };
    if (!makesIds && !condition) return write(`${into} VALUES (${row(given)})`);
    const next = makesIds ? await this.nextIdOf(executor) : 'NULL';
    const checked = condition?.('(SELECT id FROM fresh)', bind);
    return write(
      `WITH fresh AS MATERIALIZED (SELECT coalesce(${given}::${idType}, ${next}) AS id)
         ${checked ? `, ${checked.cte}` : ''}
       ${into} OVERRIDING SYSTEM VALUE
       SELECT ${row('fresh.id')} FROM fresh
       ${checked ? `WHERE ${checked.condition}` : ''}`,
    );
  }

  /**
   * What the host puts into a new row. Its function may look it up, so nobody asks while holding a connection.
   * @throws ConfigurationError when `guestDefaults` names a property that the entity has not got, or that is not the host's.
   */
  async hostColumns(): Promise<HostColumns> {
    const columns: Record<string, unknown> = {};
    for (const [property, value] of Object.entries((await this.options.guestDefaults?.()) ?? {})) {
      if (OURS.includes(property)) {
        throw new ConfigurationError(
          `"guest.guestDefaults" answers ${property}, which is set by this library. Leave it out.`,
        );
      }
      const filled = this.table.toColumn(property, value);
      if (!filled) {
        throw new ConfigurationError(
          `"guest.guestDefaults" answers ${property}, which ${this.table.metadata.targetName} has no column for.`,
        );
      }
      if (value !== undefined) columns[filled.column] = filled.value;
    }
    return columns;
  }

  /**
   * Without those that the host's table has no column for, and without a name or picture that nobody has given: then what
   * the host, or its table, puts there counts.
   */
  private ownColumns(
    values: Partial<Omit<User, 'id'>>,
    hostColumns: HostColumns,
  ): Record<string, unknown> {
    const names = this.table.columns as Record<string, string | undefined>;
    const filled: Record<string, unknown> = { ...hostColumns };
    for (const [property, value] of Object.entries(values)) {
      const column = names[property];
      const isGiven = value !== null || property === 'email';
      if (column !== undefined && isGiven) filled[column] = value;
    }
    return filled;
  }

  private nextIdOf(executor: SqlExecutor): Promise<string> {
    this.nextId ??= this.readNextId(executor).catch((error: unknown) => {
      this.nextId = undefined;
      throw error;
    });
    return this.nextId;
  }

  /** The default of the id column, so that it can be drawn before the row is written. */
  private async readNextId(executor: SqlExecutor): Promise<string> {
    const { path, columns, metadata } = this.table;
    const [row] = await rowsOf<{ next: string | null }>(
      executor,
      `SELECT CASE WHEN a.attidentity <> ''
           THEN format('nextval(%L::regclass)', pg_get_serial_sequence($1, a.attname))
           ELSE pg_get_expr(d.adbin, d.adrelid) END AS "next"
       FROM pg_attribute a LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
       WHERE a.attrelid = to_regclass($1) AND a.attname = $2`,
      [path, metadata.findColumnWithPropertyPath('id')!.databaseName],
    );
    if (typeof row?.next === 'string') return row.next;
    throw new ConfigurationError(
      `column id of ${path} has no default, so a guest cannot get one. Write: ALTER TABLE ${path} ALTER COLUMN ${columns.id} ADD GENERATED BY DEFAULT AS IDENTITY;`,
    );
  }
}
