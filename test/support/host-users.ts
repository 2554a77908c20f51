import {
  Column,
  CreateDateColumn,
  DeleteDateColumn,
  Entity,
  type MigrationInterface,
  PrimaryGeneratedColumn,
  type QueryRunner,
} from 'typeorm';
import { combine, type GuestOptions, owned, UserBase, type UserEntity } from '../../src/index.js';

/** A host's own users: the entity, the migrations that make its table, and what its rows need. */
export interface HostUsers {
  readonly userEntity: UserEntity;
  readonly tablePrefix?: string;
  readonly migrations: (new () => MigrationInterface)[];
  readonly guest?: GuestOptions;
  /** The table and its columns, for tests that look for themselves. */
  readonly table: string;
  readonly idType: string;
  readonly flag: string;
}

export const hostDeclarationsByName = [
  owned('wallet', { onCollision: combine({ credits: 'sum' }) }),
];

/** The tables of host.ts for users with other ids. */
export function hostTablesFor({ table, idType }: HostUsers): new () => MigrationInterface {
  return migration('HostTables1763800000001', [
    `CREATE TABLE note (id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
       user_id ${idType} NOT NULL REFERENCES ${table}, text text NOT NULL)`,
    `CREATE TABLE wallet (id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
       user_id ${idType} NOT NULL UNIQUE REFERENCES ${table}, credits integer NOT NULL DEFAULT 0)`,
  ]);
}

/** Extends ours: other names, columns of its own that may not be empty, rows that are deleted softly. */
@Entity('members')
export class Member extends UserBase {
  @Column({ name: 'is_anon', type: 'boolean', default: false })
  override isAnonymous!: boolean;

  @Column({ name: 'mail', type: 'text' })
  override email!: string;

  @Column({ type: 'text' })
  plan!: string;

  @Column({ type: 'jsonb' })
  preferences!: { theme: string };

  @DeleteDateColumn({ name: 'deleted_at', type: 'timestamptz' })
  deletedAt!: Date | null;
}

/** Was there before: integer ids, a table with a reserved name, only the columns that have to be there. */
@Entity('user')
export class Person {
  @PrimaryGeneratedColumn()
  id!: number;

  @Column({ type: 'varchar', nullable: true })
  email!: string | null;

  @Column({ name: 'display_name', type: 'varchar', nullable: true })
  name!: string | null;

  @CreateDateColumn({ name: 'joined_at', type: 'timestamptz' })
  createdAt!: Date;

  @Column({ name: 'guest', type: 'boolean', default: false })
  isAnonymous!: boolean;

  @Column({ name: 'token_epoch', type: 'int', default: 0 })
  epoch!: number;

  @Column({ name: 'seen_at', type: 'timestamptz', default: () => 'now()' })
  lastSeenAt!: Date;
}

export const memberUsers: HostUsers = {
  userEntity: Member,
  table: 'members',
  idType: 'uuid',
  flag: 'is_anon',
  guest: {
    placeholderEmail: (id) => `${id}@guest.invalid`,
    guestDefaults: () => ({ plan: 'free', preferences: { theme: 'dark' } }),
  },
  migrations: [
    migration('Members1700000000001', [
      `CREATE TABLE members (
         id uuid PRIMARY KEY, mail text NOT NULL, email_verified boolean NOT NULL DEFAULT false, name text, image text,
         is_anon boolean NOT NULL DEFAULT false, epoch integer NOT NULL DEFAULT 0,
         last_seen_at timestamptz NOT NULL DEFAULT now(), created_at timestamptz NOT NULL DEFAULT now(),
         updated_at timestamptz NOT NULL DEFAULT now(), plan text NOT NULL, preferences jsonb NOT NULL,
         deleted_at timestamptz)`,
      'CREATE UNIQUE INDEX members_mail_key ON members (lower(mail))',
      'CREATE INDEX members_stale_idx ON members (last_seen_at) WHERE is_anon',
    ]),
  ],
};

export const personUsers: HostUsers = {
  userEntity: Person,
  tablePrefix: 'guest_',
  table: '"user"',
  idType: 'integer',
  flag: 'guest',
  migrations: [
    migration('CreateUser1600000000001', [
      `CREATE TABLE "user" (id serial PRIMARY KEY, email varchar, display_name varchar,
         joined_at timestamptz NOT NULL DEFAULT now())`,
      `INSERT INTO "user" (email, display_name) VALUES ('first@example.com', 'The first')`,
    ]),
    migration('AddGuests1700000000002', [
      `ALTER TABLE "user" ADD guest boolean NOT NULL DEFAULT false, ADD token_epoch integer NOT NULL DEFAULT 0,
         ADD seen_at timestamptz NOT NULL DEFAULT now()`,
      'CREATE UNIQUE INDEX ON "user" (lower(email))',
      'CREATE INDEX ON "user" (seen_at) WHERE guest',
    ]),
  ],
};

export function migration(name: string, statements: string[]): new () => MigrationInterface {
  return class {
    readonly name = name;

    async up(queryRunner: QueryRunner): Promise<void> {
      for (const statement of statements) await queryRunner.query(statement);
    }

    async down(): Promise<void> {}
  };
}

/** Tables unlike the library's own, by what sets them apart: for `describe.each`. */
export const unusualUsers: [string, HostUsers][] = [
  ['integer ids and no column for a proven address', personUsers],
  ['names of its own and rows that are deleted softly', memberUsers],
];
