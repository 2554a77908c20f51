import type { EntityManager } from 'typeorm';
import { sqlStateOf, UNIQUE_VIOLATION } from '../../common/sql.js';
import type { OwnedTable } from '../../linking/ownership/ownership-map.js';
import type { User } from '../../users/user.js';
import type { SqlTable } from '../../common/sql.js';
import { TestKitError } from '../kit-error.js';
import { type CollisionCase, Collisions, type Parties, type Trio } from '../rows/collisions.js';
import type { Row } from '../rows/fillable-table.js';
import type { RowWish } from '../rows/filling.js';
import { RowMaker } from '../rows/row-maker.js';
import { NOBODY, type Party, type Workshop } from '../rows/workshop.js';

/** Who takes part in a merge that is tried out, and who does not. */
export interface Cast extends Parties {
  /** What owner columns name that are about somebody else. */
  readonly other: Party;
  readonly witness: Party;
}

/** The rows that a trial is about. */
export interface Scene {
  readonly cast: Cast;
  /** The account's rows that meet none of the guest's. */
  readonly accountsOwn: readonly Row[];
  /** Rows that collide with each other. */
  readonly pairs: readonly Trio[];
}

/** Sets the scene for a merge: users, and rows of one table for each of them, colliding or not. */
export class MergeTrial {
  private readonly maker: RowMaker;

  constructor(
    private readonly workshop: Workshop,
    private readonly users: SqlTable<User>,
    private readonly table: OwnedTable,
  ) {
    this.maker = new RowMaker(workshop);
  }

  /** Guest and account meet on every key that can collide, and each has a row that meets none. */
  async meeting(): Promise<Scene> {
    const cast = await this.cast();
    const { tables, map } = this.workshop;
    const collisions = new Collisions(this.maker, tables, map, cast);
    const pairs: Trio[] = [];
    for (const wanted of await collisions.casesOf(this.table)) {
      const trio = await collisions.make(this.table, wanted);
      await this.mustCollide(trio, wanted, cast);
      pairs.push(trio);
    }
    const { oid } = this.table;
    const before = this.maker.rowsOf(oid, cast.account).length;
    await this.rowsOf(cast.guest, cast.witness);
    // With the same third party in another column they would be equal to the guest's.
    await this.rowsOf(cast.account, cast.stranger);
    await this.rowsOf(cast.stranger, cast.witness);
    const accountsOwn = this.maker.rowsOf(oid, cast.account).slice(before);
    await this.children(cast);
    return { cast, accountsOwn, pairs };
  }

  /** The account has nothing that could be in the way. */
  async arrival(): Promise<Scene> {
    const cast = await this.cast();
    await this.rowsOf(cast.guest, cast.witness);
    await this.rowsOf(cast.stranger, cast.witness);
    await this.children(cast);
    return { cast, accountsOwn: [], pairs: [] };
  }

  private async cast(): Promise<Cast> {
    const { columns: c } = this.users;
    const join = async (role: string, isAnonymous: boolean): Promise<Party> => {
      const set = { [c.isAnonymous]: String(isAnonymous) };
      const row = await this.maker.row(this.workshop.usersOid, NOBODY, { set });
      return { role, id: row[c.id]! };
    };
    const cast = {
      guest: await join('guest', true),
      account: await join('account', false),
      stranger: await join('stranger', false),
      other: await join('other', false),
      witness: await join('witness', false),
    };
    this.maker.other = cast.other;
    return cast;
  }

  /** Rows that meet none of another user, one for each owner column. The guest has two, where two have room. */
  private async rowsOf(party: Party, other: Party): Promise<void> {
    const { oid, owners } = this.table;
    const { other: usual } = this.maker;
    this.maker.other = other;
    const wish = { ...this.attached(), requirements: this.unconditional() };
    if (this.maker.rowsOf(oid, party).length === 0) await this.maker.row(oid, party, wish);
    else await this.maker.optional(oid, party, wish);
    for (const acting of owners.slice(1)) {
      await this.maker.optional(oid, party, { ...wish, acting });
    }
    if (party.role === 'guest') await this.maker.optional(oid, party, wish);
    this.maker.other = usual;
  }

  /** Without an owner column of its own a row is somebody's through the row that it is attached to. */
  private attached(): RowWish {
    const { owners, parents } = this.table;
    return { filled: owners.length > 0 ? [] : (parents[0]?.columns ?? []) };
  }

  /** Keeps further rows out of keys that only some rows are in. */
  private unconditional(): RowWish['requirements'] {
    return this.table.collidingKeys.flatMap(({ predicate, columns }) =>
      predicate === null ? [] : [{ sql: predicate, columns, is: 'NOT TRUE' as const }],
    );
  }

  /** Rows of other tables that refer to these, one for each, where the kit can make them. */
  private async children(cast: Cast): Promise<void> {
    const { oid } = this.table;
    for (const { from, columns, toOid, toColumns } of this.workshop.map.references) {
      if (toOid !== oid || from.oid === this.workshop.usersOid) continue;
      for (const party of [cast.guest, cast.account, cast.stranger]) {
        for (const row of this.maker.rowsOf(oid, party)) {
          const set = Object.fromEntries(columns.map((name, n) => [name, row[toColumns[n]!]!]));
          await this.maker.optional(from.oid, party, { set });
        }
      }
    }
  }

  /** Does what a merge without any strategy would do: Postgres must refuse it. */
  private async mustCollide(trio: Trio, { keys }: CollisionCase, cast: Cast): Promise<void> {
    const { manager, tables } = this.workshop;
    const { oid, path, name, owners, parents } = this.table;
    const { identity } = await tables.get(oid);
    const set = [
      ...owners
        .filter((owner) => trio.guest[owner] === cast.guest.id)
        .map((owner): [string, string | null] => [owner, cast.account.id]),
      ...parents
        .flatMap(({ columns }) => columns)
        .map((column): [string, string | null] => [column, trio.account[column]!]),
    ];
    const parameters: (string | null)[] = [];
    const place = (value: string | null) => `$${parameters.push(value)}`;
    const changes = [...new Map(set)].map(([column, value]) => `${column} = ${place(value)}`);
    const row = identity.map(
      (column) => `${column}::text IS NOT DISTINCT FROM ${place(trio.guest[column]!)}::text`,
    );
    const failure = await failureOf(
      manager,
      `UPDATE ${path} SET ${changes.join(', ')} WHERE ${row.join(' AND ')}`,
      parameters,
    );
    if (sqlStateOf(failure) === UNIQUE_VIOLATION) return;
    throw new TestKitError(
      `no rows of table ${name} could be made that collide on ${keys.map((key) => key.name).join(', ')}: Postgres ${failure ? `says "${(failure as Error).message}"` : 'takes both'}. Give the columns of the key values that repeat: \`samples: [sample('${name}', () => ({ column: value }))]\`.`,
      { cause: failure },
    );
  }
}

async function failureOf(
  manager: EntityManager,
  sql: string,
  parameters: readonly (string | null)[],
): Promise<unknown> {
  await manager.query('SAVEPOINT collision');
  try {
    await manager.query('SET CONSTRAINTS ALL IMMEDIATE');
    await manager.query(sql, [...parameters]);
    return undefined;
  } catch (error) {
    return error;
  } finally {
    await manager.query('ROLLBACK TO SAVEPOINT collision');
  }
}
