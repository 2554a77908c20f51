import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { ConfigurationError } from '../common/errors.js';
import { quote, rowsOf } from '../common/sql.js';
import { NEW_USER_OPTIONS, type NewUserOptions } from './new-user.settings.js';
import { Tables } from './tables.js';
import { UserInserts } from './user-inserts.js';
import type { UserTable } from './user-table.js';
import { USERS_DATA_SOURCE } from './users.tokens.js';

/** Whether people sign in by an e-mail address here, so that it has to be unique. */
export const SIGNS_IN_BY_EMAIL = Symbol('nestjs-anonymous:signs-in-by-email');

interface CatalogColumn {
  readonly name: string;
  /** Without a length. */
  readonly type: string;
  readonly isRequired: boolean;
  readonly hasDefault: boolean;
}

/** Refuses to start with a user table of the host's that could not take a guest. */
@Injectable()
export class UserTableCheck implements OnModuleInit {
  private readonly table: UserTable;

  constructor(
    @Inject(USERS_DATA_SOURCE) private readonly dataSource: DataSource,
    @Inject(NEW_USER_OPTIONS) private readonly options: NewUserOptions,
    @Inject(SIGNS_IN_BY_EMAIL) private readonly signsInByEmail: boolean,
    private readonly inserts: UserInserts,
    tables: Tables,
  ) {
    this.table = tables.users;
  }

  /** @throws ConfigurationError naming the column and the line to write. */
  async onModuleInit(): Promise<void> {
    if (this.table.isOwn) return;
    const columns = await this.columns();
    // A table that does not exist yet is somebody else's complaint.
    if (columns.length === 0) return;
    await this.inserts.prepare(this.dataSource);
    const filled = await this.inserts.hostColumns();
    this.checkOurs(columns);
    this.checkTheirs(columns.filter(({ name }) => !(name in filled)));
    if (this.signsInByEmail) await this.checkEmailKey();
  }

  /**
   * A null in one of these is neither yes nor no, so no condition over it would hold. An epoch of another type reaches
   * JavaScript as a text, and a time without a zone as one of the zone of each instance.
   */
  private checkOurs(columns: readonly CatalogColumn[]): void {
    const { path, columns: own } = this.table;
    const needed = [
      [own.isAnonymous, ['boolean']],
      [own.epoch, ['integer', 'smallint']],
      [own.lastSeenAt, ['timestamp with time zone']],
    ] as const;
    for (const [name, types] of needed) {
      const column = columns.find((candidate) => candidate.name === name);
      if (column && !(types as readonly string[]).includes(column.type)) {
        throw new ConfigurationError(
          `column ${name} of ${path} is of type ${column.type}. Write in a migration: ALTER TABLE ${path} ALTER COLUMN ${name} TYPE ${types[0]};`,
        );
      }
      if (column?.isRequired === false) {
        throw new ConfigurationError(
          `column ${name} of ${path} may be null. Fill it and write: ALTER TABLE ${path} ALTER COLUMN ${name} SET NOT NULL;`,
        );
      }
    }
    const email = columns.find(({ name }) => name === own.email);
    if (email?.isRequired && !this.options.placeholderEmail) {
      throw new ConfigurationError(
        `column ${own.email} of ${path} may not be null, and a guest has no address. Write \`guest: { placeholderEmail: (id) => \`\${id}@guest.invalid\` }\`, or drop the NOT NULL.`,
      );
    }
  }

  private checkTheirs(columns: readonly CatalogColumn[]): void {
    const { id, email, isAnonymous, epoch, lastSeenAt, createdAt, updatedAt, emailVerified } =
      this.table.columns;
    const given = new Set<string>([id, email, isAnonymous]);
    const missing = columns
      .filter(({ isRequired, hasDefault }) => isRequired && !hasDefault)
      .map(({ name }) => name)
      .filter((name) => !given.has(name));
    if (missing.length === 0) return;
    const names = missing.join(', ');
    const defaulted = [epoch, lastSeenAt, createdAt, updatedAt, emailVerified] as string[];
    const ours = missing.filter((name) => defaulted.includes(name));
    throw new ConfigurationError(
      ours.length > 0
        ? `column ${ours.join(', ')} of ${this.table.path} needs a default. Write one in a migration: ALTER TABLE … ALTER COLUMN … SET DEFAULT …;`
        : `a new row of ${this.table.path} needs ${names}, which may not be null and have no default. Write \`guest: { guestDefaults: () => ({ … }) }\` with a value for the property of each.`,
    );
  }

  /** Case does not tell addresses apart, and of two sign-ups with one address the index decides. */
  private async checkEmailKey(): Promise<void> {
    const { path, metadata, columns } = this.table;
    const email = metadata.findColumnWithPropertyPath('email')!.databaseName;
    const keys = await rowsOf(
      this.dataSource,
      `SELECT 1 FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attname = $2
       WHERE i.indrelid = to_regclass($1) AND i.indisunique AND i.indnkeyatts = 1
         AND (regexp_replace(pg_get_indexdef(i.indexrelid, 1, true), '[()"]|::\\w+', '', 'g') = 'lower' || replace($2, '"', '')
           OR (i.indkey[0] = a.attnum AND format_type(a.atttypid, NULL) LIKE '%citext'))`,
      [path, email],
    );
    if (keys.length > 0) return;
    throw new ConfigurationError(
      `the addresses in ${path} are not unique without regard to case. Write in a migration: CREATE UNIQUE INDEX ON ${path} (lower(${columns.email}));`,
    );
  }

  private async columns(): Promise<CatalogColumn[]> {
    const rows = await rowsOf<CatalogColumn>(
      this.dataSource,
      `SELECT attname AS "name", format_type(atttypid, NULL) AS "type", attnotnull AS "isRequired",
         atthasdef OR attidentity <> '' AS "hasDefault"
       FROM pg_attribute WHERE attrelid = to_regclass($1) AND attnum > 0 AND NOT attisdropped`,
      [this.table.path],
    );
    return rows.map((column) => ({ ...column, name: quote(column.name) }));
  }
}
