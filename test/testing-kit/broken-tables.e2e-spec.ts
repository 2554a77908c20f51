import { Entity, PrimaryColumn } from 'typeorm';
import type { MergeContext, MergeReport } from '../../src/index.js';
import { checkMerge } from '../../src/testing/index.js';
import { handlerOf } from '../support/links.js';
import { closeApps, startApp } from '../support/running-apps.js';
import type { TestApp } from '../support/test-app.js';

@Entity('star')
class Star {
  @PrimaryColumn({ name: 'user_id', type: 'uuid' })
  userId!: string;

  @PrimaryColumn({ type: 'text' })
  place!: string;
}

const SCHEMA = `
  CREATE TABLE star (user_id uuid REFERENCES users (id), place text, PRIMARY KEY (user_id, place));
  CREATE TABLE folder (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), user_id uuid NOT NULL REFERENCES users (id),
    parent_id uuid REFERENCES folder (id))`;

const triggerOn = (table: string, body: string, kind = 'TRIGGER broken AFTER UPDATE') => `
  CREATE FUNCTION broken() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN ${body}; RETURN NULL; END $$;
  CREATE ${kind} ON ${table} FOR EACH ROW EXECUTE FUNCTION broken()`;

const DEFERRED = 'CONSTRAINT TRIGGER broken AFTER UPDATE';

describe('checkMerge, triggers and composite keys', () => {
  let host: TestApp;
  beforeAll(async () => {
    host = await startApp({ schema: SCHEMA, entities: [Star], providers: [starHandler] });
  });
  afterEach(() => host.sql('DROP FUNCTION IF EXISTS broken CASCADE'));
  afterAll(closeApps);

  let merge: (context: MergeContext) => Promise<MergeReport | void> = mergeStars;
  const starHandler = handlerOf(Star, (context) => merge(context));

  it('catches a trigger that loses what moves', async () => {
    await host.sql(triggerOn('note', 'DELETE FROM note WHERE id = NEW.id'));
    await expect(checkMerge(host.app, 'note')).rejects.toThrow(
      /- 2 rows of note are lost: neither with the account nor folded or dropped in the receipt \(\["[\da-f-]+"\], /,
    );
  });

  it("catches a trigger that changes a stranger's rows", async () => {
    const change = `UPDATE note SET text = 'x' WHERE user_id <> NEW.user_id AND text <> 'x'`;
    await host.sql(triggerOn('note', `IF NEW.text <> 'x' THEN ${change}; END IF`));
    await expect(checkMerge(host.app, 'note')).rejects.toThrow(
      /of note, which is a stranger's, was changed: "text" from '\w+' to 'x'/,
    );
  });

  it('catches a constraint that only the COMMIT looks at', async () => {
    const deferred = triggerOn('note', `RAISE EXCEPTION 'not on my watch'`, DEFERRED);
    await host.sql(deferred.replace('FOR EACH ROW', 'DEFERRABLE INITIALLY DEFERRED FOR EACH ROW'));
    await expect(checkMerge(host.app, 'note')).rejects.toThrow(
      '- the COMMIT would fail: not on my watch',
    );
  });

  it('catches a trigger that loses rows which refer to others of their table', async () => {
    const lose = 'DELETE FROM folder WHERE id = NEW.id AND parent_id IS NOT NULL';
    await host.sql(triggerOn('folder', lose));
    await expect(checkMerge(host.app, 'folder')).rejects.toThrow(/2 rows of folder are lost/);
  });

  it('makes rows that a handler merges by a composite key', async () => {
    merge = mergeStars;
    expect(await checkMerge(host.app, Star)).toEqual({ moved: 2, folded: 0, dropped: 1 });
  });

  it('catches a handler that merges by half of a composite key', async () => {
    merge = async (context) => {
      const report = await dropEqual(context);
      await context.manager.query(
        'UPDATE star SET user_id = $1 WHERE place NOT IN (SELECT place FROM star WHERE user_id = $1)',
        [context.account.id],
      );
      return report;
    };
    await expect(checkMerge(host.app, Star)).rejects.toThrow(
      /of star, which is a stranger's, is gone or somebody else's/,
    );
  });

  it('catches a handler that takes only what collides for its own', async () => {
    merge = dropEqual;
    await expect(checkMerge(host.app, Star)).rejects.toThrow(
      /the merge fails.*of star neither with/,
    );
  });
});

async function mergeStars(context: MergeContext): Promise<MergeReport> {
  const report = await dropEqual(context);
  const { guest, account, manager } = context;
  await manager.query('UPDATE star SET user_id = $2 WHERE user_id = $1', [guest.id, account.id]);
  return report;
}

async function dropEqual({ guest, account, manager }: MergeContext): Promise<MergeReport> {
  const [rows] = await manager.query<[{ place: string }[], number]>(
    `DELETE FROM star WHERE user_id = $1 AND place IN (SELECT place FROM star WHERE user_id = $2) RETURNING place`,
    [guest.id, account.id],
  );
  return { dropped: rows.map(({ place }) => place) };
}
