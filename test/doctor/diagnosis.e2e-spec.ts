import { ConsoleLogger, type Type } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { type Diagnosis, diagnose } from '../../src/cli/doctor/diagnosis.js';
import type { FindingKind } from '../../src/linking/ownership/inspection.js';
import { ignored, MergeHandler, owned, type TableDeclaration } from '../../src/index.js';
import type { TestDatabase } from '../support/test-database.js';
import { AuditEntry, CLINIC, clinic, declared, Favourite, missing } from './clinic.js';
import { createClinicDatabase, query } from './clinic-database.js';

/** The diagnosis of the clinic on the present database. */
async function diagnosisOf(
  declarations: readonly TableDeclaration[],
  { allowed = [], handlers = [] }: { allowed?: FindingKind[]; handlers?: Type[] } = {},
): Promise<Diagnosis> {
  const app = clinic(declarations);
  const module = await Test.createTestingModule({
    imports: [{ ...app, providers: [...(app.providers ?? []), ...handlers] }],
  })
    .setLogger(new ConsoleLogger({ logLevels: [] }))
    .compile();
  try {
    return await diagnose(module, new Set(allowed));
  } finally {
    await module.close();
  }
}

const placesOf = ({ findings }: Diagnosis) =>
  findings.map(({ kind, table, columns }) => [kind, [table, ...columns].join(' ')]);

let database: TestDatabase;
afterEach(() => database.drop());

describe('the map', () => {
  beforeEach(async () => {
    database = await createClinicDatabase(CLINIC);
  });

  it('has every table that a merge touches or leaves alone, with what decides about it', async () => {
    const { tables } = await diagnosisOf([...declared, ...missing]);
    expect(tables.map(({ table, entity, decision }) => [table, entity, decision])).toEqual([
      ['appointment', null, { kind: 'reassign' }],
      [
        'archive.import',
        null,
        { kind: 'ignored', reason: 'rows are dropped by the nightly import' },
      ],
      ['audit_entry', 'AuditEntry', { kind: 'reassign' }],
      ['favourite', 'Favourite', { kind: 'keepAccount' }],
      ['invoice', null, { kind: 'reassign' }],
      ['pet', null, { kind: 'keepAccount' }],
      ['profile', 'Profile', { kind: 'handler', name: 'ProfileMergeHandler' }],
      ['vaccination', null, { kind: 'keepAccount' }],
    ]);
  });

  it('has the owner columns with their key and index, the colliding keys, parents and children', async () => {
    const { tables } = await diagnosisOf([...declared, ...missing]);
    const table = (name: string) => tables.find((candidate) => candidate.table === name);
    expect(table('pet')).toMatchObject({
      owners: [{ column: 'user_id', onDelete: 'cascade', index: 'one_name' }],
      collidingKeys: [{ name: 'one_name', parts: ['user_id', 'name'], where: null }],
      follows: [],
      children: ['vaccination'],
    });
    expect(table('vaccination')).toMatchObject({
      owners: [],
      follows: [{ table: 'pet', columns: ['pet_id'] }],
    });
    expect(table('audit_entry')?.owners).toEqual([
      { column: 'actorId', onDelete: null, index: null },
    ]);
    expect(table('archive.import')?.owners).toEqual([
      { column: 'user_id', onDelete: 'no action', index: 'import_user_id_idx' },
    ]);
  });
});

describe('the findings', () => {
  beforeEach(async () => {
    database = await createClinicDatabase(CLINIC);
  });

  it('are one of each kind for the clinic', async () => {
    const diagnosis = await diagnosisOf(declared);
    expect(diagnosis.ok).toBe(false);
    expect(placesOf(diagnosis)).toEqual([
      ['missing-policy', 'favourite'],
      ['missing-index', 'invoice user_id'],
      ['cascade', 'pet user_id'],
      ['soft-reference', 'audit_entry actorId'],
      ['blocked-delete', 'archive.import user_id'],
    ]);
  });

  it('are gone once their lines have been written', async () => {
    const lines: string[] = [];
    for (let round = 0; round < 2; round += 1) {
      const declarations = round === 0 ? declared : [...declared, ...missing];
      for (const { line } of (await diagnosisOf(declarations)).findings) {
        if (line?.endsWith(';')) await query(database, line);
        else if (line) lines.push(line);
      }
    }
    expect(lines).toEqual([
      "AnonymousModule.forFeature([owned(Favourite, { onCollision: 'keepAccount' })])",
      "AnonymousModule.forFeature([owned(AuditEntry, { column: 'actorId' })])",
    ]);
    const healthy = await diagnosisOf([...declared, ...missing]);
    expect(healthy.ok).toBe(true);
    expect(placesOf(healthy)).toEqual([['blocked-delete', 'archive.import user_id']]);
  });

  it('do not count when their kind is allowed', async () => {
    const declarations = [...declared, ...missing];
    const some = await diagnosisOf(declarations, { allowed: ['cascade'] });
    expect(some.ok).toBe(false);
    expect(some.findings.find(({ kind }) => kind === 'cascade')?.counts).toBe(false);
    expect((await diagnosisOf(declarations, { allowed: ['cascade', 'missing-index'] })).ok).toBe(
      true,
    );
  });

  it('say of a soft column in a table with a declaration what to add to that', async () => {
    const { findings } = await diagnosisOf([...declared, owned(AuditEntry, { column: 'vet_id' })]);
    const soft = findings.filter(({ kind }) => kind === 'soft-reference');
    expect(soft).toMatchObject(
      [{ columns: ['actorId'], line: null, fix: /foreign key/ }].map(({ fix, ...rest }) => ({
        ...rest,
        fix: expect.stringMatching(fix) as string,
      })),
    );
  });

  it('leave a soft column alone when its table is ignored', async () => {
    const { findings } = await diagnosisOf([...declared, ignored(AuditEntry, 'append only')]);
    expect(findings.map(({ kind }) => kind)).not.toContain('soft-reference');
  });

  it.each([
    ['a table that does not exist', [owned('nowhere')], /nowhere.*does not exist/],
    ['a table that is declared twice', [owned(Favourite), owned('favourite')], /declared twice/],
  ])('are the only thing to see when the map cannot be made: %s', async (_case, wrong, says) => {
    const { ok, tables, findings } = await diagnosisOf([...declared, ...wrong]);
    expect({ ok, tables }).toEqual({ ok: false, tables: [] });
    expect(findings).toMatchObject([{ kind: 'wrong-declaration', table: null }]);
    expect(findings[0]!.problem).toMatch(says);
  });

  it('tell of handlers that wait for each other', async () => {
    @MergeHandler(Favourite, { after: [AuditEntry] })
    class FavouriteMergeHandler {
      async merge(): Promise<void> {}
    }
    @MergeHandler(AuditEntry, { after: [Favourite] })
    class AuditMergeHandler {
      async merge(): Promise<void> {}
    }
    const handlers = [FavouriteMergeHandler, AuditMergeHandler];
    const { findings } = await diagnosisOf(declared, { handlers });
    expect(findings).toContainEqual(
      expect.objectContaining({
        kind: 'wrong-declaration',
        severity: 'error',
        problem: expect.stringMatching(/FavouriteMergeHandler.*AuditMergeHandler/),
      }),
    );
  });
});

describe('the lines to copy', () => {
  it.each([
    [
      'names that need quotes',
      `CREATE SCHEMA "My Shop"; CREATE TABLE "My Shop"."Order" ("order" integer PRIMARY KEY, "Buyer" uuid REFERENCES users);`,
      'CREATE INDEX CONCURRENTLY ON "My Shop"."Order" ("Buyer");',
    ],
    [
      'a partitioned table',
      `CREATE TABLE visit (id integer, user_id uuid REFERENCES users) PARTITION BY RANGE (id);
       CREATE TABLE visit_1 PARTITION OF visit FOR VALUES FROM (1) TO (9);`,
      'CREATE INDEX ON public.visit (user_id);',
    ],
    [
      'an index that leaves rows out, begins with another column, or finds no single row',
      `CREATE TABLE t (id integer PRIMARY KEY, user_id uuid REFERENCES users);
       CREATE INDEX ON t (user_id) WHERE id > 5; CREATE INDEX ON t (id, user_id); CREATE INDEX ON t USING brin (user_id);`,
      'CREATE INDEX CONCURRENTLY ON public.t (user_id);',
    ],
    [
      'SET NULL',
      `CREATE TABLE t (id integer PRIMARY KEY, user_id uuid CONSTRAINT "Of" REFERENCES users ON UPDATE CASCADE ON DELETE SET NULL DEFERRABLE INITIALLY DEFERRED);
       CREATE INDEX ON t USING hash (user_id);`,
      'ALTER TABLE public.t DROP CONSTRAINT "Of", ADD CONSTRAINT "Of" FOREIGN KEY (user_id) REFERENCES users(id) ON UPDATE CASCADE DEFERRABLE INITIALLY DEFERRED;',
    ],
  ])('work for %s', async (_case, schema, line) => {
    database = await createClinicDatabase(`${CLINIC} ${schema}`);
    const declarations = [...declared, ...missing];
    const before = await diagnosisOf(declarations);
    const found = before.findings.filter((finding) => finding.line === line);
    expect(found).toHaveLength(1);
    await query(database, line);
    const after = await diagnosisOf(declarations);
    expect(after.findings).toHaveLength(before.findings.length - 1);
  });
});
