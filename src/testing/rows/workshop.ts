import type { EntityManager } from 'typeorm';
import type { ForeignKey } from '../../linking/ownership/foreign-keys.js';
import type { OwnershipMap } from '../../linking/ownership/ownership-map.js';
import type { FillableTables, Row } from './fillable-table.js';
import type { SampleSource } from './samples.js';

/** Somebody whom rows are made for. */
export interface Party {
  readonly role: string;
  /** `null`: rows that belong to nobody. */
  readonly id: string | null;
}

/** Rows that belong to nobody, such as a place that a favourite is about. */
export const NOBODY: Party = { role: 'nobody', id: null };

/** What rows are made with. */
export interface Workshop {
  readonly manager: EntityManager;
  readonly tables: FillableTables;
  readonly map: OwnershipMap;
  readonly usersOid: string;
  /** Tables whose rows belong to a user, by themselves or through another row. */
  readonly belonging: ReadonlySet<string>;
  readonly samples: SampleSource;
  /** Columns of a table that get a value even where they have a default. */
  readonly wanted: (oid: string) => readonly string[];
}

/** What the filling of one row asks of the maker of all. */
export interface Surroundings {
  /** Stands in every owner column that is not about the row's own user. */
  readonly other: Party;
  /** A row that a key of `party`'s row can refer to. @param path tables whose rows are being made already. */
  parent(key: ForeignKey, party: Party, path: readonly string[]): Promise<Row>;
  /** Counts the uses of a name, from 0. */
  turn(name: string): number;
}
