import { type DynamicModule, Module } from '@nestjs/common';
import { TypeOrmModule, type TypeOrmModuleOptions } from '@nestjs/typeorm';
import { Column, Entity, PrimaryColumn, PrimaryGeneratedColumn } from 'typeorm';
import {
  AnonymousModule,
  anonymousEntities,
  anonymousMigrations,
  ignored,
  type MergeContext,
  MergeHandler,
  owned,
  type TableDeclaration,
} from '../../src/index.js';

/** A host whose tables have one of each problem, and some that have none. */
export const CLINIC = `
  CREATE TABLE appointment (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), user_id uuid NOT NULL REFERENCES users (id));
  CREATE INDEX ON appointment (user_id);
  CREATE TABLE favourite (user_id uuid REFERENCES users (id), vet_id integer, PRIMARY KEY (user_id, vet_id));
  CREATE TABLE invoice (id integer PRIMARY KEY, user_id uuid NOT NULL REFERENCES users (id), payer_id uuid REFERENCES users (id));
  CREATE INDEX ON invoice (payer_id) WHERE payer_id IS NOT NULL;
  CREATE INDEX ON invoice (user_id) WHERE id > 1000;
  CREATE TABLE pet (id integer PRIMARY KEY, user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE, name text NOT NULL,
    CONSTRAINT one_name UNIQUE (user_id, name));
  CREATE TABLE vaccination (pet_id integer REFERENCES pet (id), vaccine text, PRIMARY KEY (pet_id, vaccine));
  CREATE TABLE profile (user_id uuid PRIMARY KEY REFERENCES users (id), bio text);
  CREATE TABLE audit_entry (id integer PRIMARY KEY, "actorId" uuid NOT NULL, vet_id uuid, created_by text);
  CREATE SCHEMA archive;
  CREATE TABLE archive.import (id integer PRIMARY KEY, user_id uuid REFERENCES users (id));
  CREATE INDEX ON archive.import (user_id);`;

@Entity()
export class Favourite {
  @PrimaryColumn('uuid', { name: 'user_id' }) userId!: string;
  @PrimaryColumn('int', { name: 'vet_id' }) vetId!: number;
}

@Entity()
export class Profile {
  @PrimaryColumn('uuid', { name: 'user_id' }) userId!: string;
  @Column('text', { nullable: true }) bio!: string | null;
}

@Entity('audit_entry')
export class AuditEntry {
  @PrimaryGeneratedColumn() id!: number;
  @Column('uuid') actorId!: string;
}

@MergeHandler(Profile)
export class ProfileMergeHandler implements MergeHandler {
  async merge(_context: MergeContext): Promise<void> {}
}

/** What the host has declared. */
export const declared = [
  owned('pet', { onCollision: 'keepAccount' }),
  owned('vaccination', { onCollision: 'keepAccount' }),
  ignored('archive.import', 'rows are dropped by the nightly import'),
];

/** What {@link CLINIC} needs beside its SQL to be without problems. */
export const missing = [
  owned(Favourite, { onCollision: 'keepAccount' }),
  owned(AuditEntry, { column: 'actorId' }),
];

export function clinic(
  declarations: readonly TableDeclaration[],
  options: Partial<TypeOrmModuleOptions> = {},
): DynamicModule {
  return {
    module: ClinicModule,
    imports: [
      TypeOrmModule.forRootAsync({
        useFactory: () =>
          ({
            type: 'postgres',
            url: process.env.DATABASE_URL,
            entities: [...anonymousEntities(), Favourite, Profile, AuditEntry],
            migrations: anonymousMigrations(),
            migrationsRun: true,
            ...options,
          }) as TypeOrmModuleOptions,
      }),
      AnonymousModule.forRoot({ secret: 'x'.repeat(32), baseUrl: 'https://clinic.example' }),
      AnonymousModule.forFeature(declarations),
    ],
    providers: [ProfileMergeHandler],
  };
}

@Module({})
class ClinicModule {}
