import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { v4 as uuidv4 } from 'uuid';
import { rowsOf, type SqlTable } from '../../common/sql.js';
import { Tables } from '../../users/tables.js';
import { USERS_DATA_SOURCE } from '../../users/users.tokens.js';
import { FlowSecrets } from '../flows/flow-secrets.js';
import { AuthLimit } from './auth-limit.js';
import {
  type AddressLimit,
  THROTTLE_SETTINGS,
  type ThrottleSettings,
} from './throttle.settings.js';

/** Something that is limited, and for whom: an address, an account, either of them and a network. */
export interface LimitedDeed {
  readonly limit: AddressLimit;
  readonly who: readonly string[];
  /** Nobody is limited who is remembered by this. */
  readonly unlessKnown?: readonly string[];
}

/** A place in each of several limits. */
export interface Places {
  readonly ids: readonly Buffer[];
  /** As Postgres writes it. */
  readonly takenAt: string;
  /** Whether one of the limits was none, or there is nothing to remember anybody for. */
  readonly isKnown: boolean;
}

/** What came of asking for places: they are taken, or there are none for so long. */
export type Taking =
  | { readonly places: Places; readonly retryAfterSeconds?: undefined }
  | { readonly places?: undefined; readonly retryAfterSeconds: number };

interface TakenRow {
  readonly id: Buffer;
  readonly isTaken: boolean;
  readonly now: string;
  /** Milliseconds from now to the oldest place that is taken; less than nothing. */
  readonly oldestMs: string;
}

const NOTHING: Places = { ids: [], takenAt: 'now', isKnown: true };

/**
 * Counts what happens to an address, whichever instance it reaches. Exactly: in any stretch of time as long as the limit's, no
 * more than so many.
 */
@Injectable()
export class AddressLimits {
  private readonly table: SqlTable<AuthLimit>;

  constructor(
    @Inject(USERS_DATA_SOURCE) private readonly dataSource: DataSource,
    @Inject(THROTTLE_SETTINGS) private readonly settings: ThrottleSettings,
    private readonly secrets: FlowSecrets,
    tables: Tables,
  ) {
    this.table = tables.of(AuthLimit);
  }

  /** Takes a place in each of these limits, or in none. Limits that are switched off have room for all. */
  async take(...deeds: readonly LimitedDeed[]): Promise<Taking> {
    const wanted = deeds.flatMap(({ limit, who, unlessKnown }) => {
      const settings = this.settings.address[limit];
      if (!settings) return [];
      const unless = unlessKnown ? this.known(unlessKnown) : null;
      return [
        { ...settings, id: this.secrets.hide(`limit:${limit}`, JSON.stringify(who)), unless },
      ];
    });
    if (wanted.length === 0) return { places: NOTHING };
    const rows = await this.insert(wanted);
    const ids = rows.filter(({ isTaken }) => isTaken).map(({ id }) => id);
    const places = {
      ids,
      takenAt: rows[0]?.now ?? NOTHING.takenAt,
      isKnown: rows.length < wanted.length,
    };
    if (ids.length === rows.length) return { places };
    await this.giveBack(places);
    const waits = rows
      .filter(({ isTaken }) => !isTaken)
      .map(({ id, oldestMs }) => {
        const { withinMs } = wanted.find((one) => one.id.equals(id))!;
        return Math.ceil((withinMs + Number(oldestMs)) / 1000);
      });
    return { retryAfterSeconds: Math.max(1, ...waits) };
  }

  /** Makes it as if the places had not been taken. */
  async giveBack({ ids, takenAt }: Places): Promise<void> {
    if (ids.length === 0) return;
    const { path, columns: c } = this.table;
    await this.dataSource.query(
      `UPDATE ${path} SET ${c.hits} = array_remove(${c.hits}, $2::timestamptz) WHERE ${c.id} IN
         (SELECT ${c.id} FROM ${path} WHERE ${c.id} = ANY ($1::bytea[]) ORDER BY ${c.id} FOR UPDATE)`,
      [ids, takenAt],
    );
  }

  /** Remembers somebody for as long. */
  async remember(who: readonly string[], forMs: number): Promise<void> {
    const { path, columns: c } = this.table;
    await this.dataSource.query(
      `INSERT INTO ${path} (${c.id}, ${c.hits}, ${c.places}, ${c.holder}, ${c.expiresAt})
       VALUES ($1, '{}', 0, $2, now() + $3 * interval '1 millisecond')
       ON CONFLICT (${c.id}) DO UPDATE SET ${c.expiresAt} = excluded.${c.expiresAt}`,
      [this.known(who), uuidv4(), forMs],
    );
  }

  private known(who: readonly string[]): Buffer {
    return this.secrets.hide('known', JSON.stringify(who));
  }

  /** One statement, and always in the same order, so that two of them cannot wait for each other. */
  private insert(
    wanted: readonly {
      readonly id: Buffer;
      readonly most: number;
      readonly withinMs: number;
      readonly unless: Buffer | null;
    }[],
  ): Promise<TakenRow[]> {
    const { path, columns: c } = this.table;
    return rowsOf<TakenRow>(
      this.dataSource,
      `INSERT INTO ${path} AS l (${c.id}, ${c.hits}, ${c.places}, ${c.holder}, ${c.expiresAt})
       SELECT w.id, ARRAY[now()], w.places, $1::uuid, now() + w.within_ms * interval '1 millisecond'
       FROM unnest($2::bytea[], $3::integer[], $4::float8[], $5::bytea[]) AS w (id, places, within_ms, unless)
       WHERE NOT EXISTS (SELECT 1 FROM ${path} k WHERE k.${c.id} = w.unless AND k.${c.expiresAt} > now())
       ORDER BY w.id
       ON CONFLICT (${c.id}) DO UPDATE SET ${c.places} = excluded.${c.places},
         (${c.hits}, ${c.holder}, ${c.expiresAt}) = (
           SELECT CASE WHEN is_free THEN recent || now() ELSE recent END,
             CASE WHEN is_free THEN excluded.${c.holder} ELSE l.${c.holder} END,
             CASE WHEN is_free THEN excluded.${c.expiresAt} ELSE l.${c.expiresAt} END
           FROM (SELECT recent, cardinality(recent) < excluded.${c.places} AS is_free FROM (
             SELECT ARRAY(SELECT hit FROM unnest(l.${c.hits}) AS hit
               WHERE hit > now() - (excluded.${c.expiresAt} - now()) ORDER BY hit) AS recent) AS r) AS f)
       RETURNING l.${c.id} AS "id", l.${c.holder} = $1::uuid AS "isTaken", now()::text AS "now",
         extract(epoch FROM l.${c.hits}[1] - now()) * 1000 AS "oldestMs"`,
      [
        uuidv4(),
        wanted.map(({ id }) => id),
        wanted.map(({ most }) => most),
        wanted.map(({ withinMs }) => withinMs),
        wanted.map(({ unless }) => unless),
      ],
    );
  }
}
