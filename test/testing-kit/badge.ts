import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';
import type { MergeContext, MergeReport } from '../../src/index.js';

/** What somebody has earned, once by each name. */
@Entity('badge')
export class Badge {
  @PrimaryGeneratedColumn('uuid')
  id!: string;

  @Column({ name: 'user_id', type: 'uuid' })
  userId!: string;

  @Column({ type: 'text' })
  name!: string;

  @Column({ name: 'earned_points', type: 'integer', default: 0 })
  points!: number;
}

export const BADGES = `
  CREATE TABLE badge (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), user_id uuid NOT NULL REFERENCES users (id),
    name text NOT NULL, earned_points integer NOT NULL DEFAULT 0, UNIQUE (user_id, name));
  CREATE TABLE badge_photo (id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    badge_id uuid NOT NULL REFERENCES badge (id) ON DELETE CASCADE)`;

type Merge = (context: MergeContext) => Promise<MergeReport | void>;

const PAIRS = `SELECT g.id AS "guests", a.id AS "accounts", g.earned_points AS "points"
  FROM badge g JOIN badge a ON a.user_id = $2 AND a.name = g.name WHERE g.user_id = $1`;

interface Pair {
  readonly guests: string;
  readonly accounts: string;
  readonly points: number;
}

const ids = ({ guest, account }: MergeContext) => [guest.id, account.id];

/** Points of equal badges add up and their photos go to the account's; the others move. */
export const mergeBadges: Merge = async (context) => {
  const pairs = await foldPairs(context);
  await move(context);
  return { folded: pairs };
};

async function foldPairs(context: MergeContext, times = 1): Promise<string[]> {
  const { manager } = context;
  const pairs = await manager.query<Pair[]>(PAIRS, ids(context));
  for (const { guests, accounts, points } of pairs) {
    const sum = 'UPDATE badge SET earned_points = earned_points + $2 WHERE id = $1';
    await manager.query(sum, [accounts, points * times]);
    await manager.query('UPDATE badge_photo SET badge_id = $2 WHERE badge_id = $1', [
      guests,
      accounts,
    ]);
    await manager.query('DELETE FROM badge WHERE id = $1', [guests]);
  }
  return pairs.map(({ guests }) => guests);
}

async function move(context: MergeContext): Promise<void> {
  await context.manager.query('UPDATE badge SET user_id = $2 WHERE user_id = $1', ids(context));
}

/** Mistakes, and what the kit has to say about each. */
export const brokenMerges: Readonly<Record<string, readonly [Merge, RegExp]>> = {
  'loses a row': [
    async (context) => {
      await foldPairs(context);
      await move(context);
    },
    /the merge fails.*left 1 rows of badge neither with the account nor in its report/,
  ],
  'loses what hangs on a row': [
    async (context) => {
      const pairs = await context.manager.query<Pair[]>(PAIRS, ids(context));
      const folded = pairs.map(({ guests }) => guests);
      await context.manager.query('DELETE FROM badge WHERE id = ANY ($1)', [folded]);
      await move(context);
      return { folded };
    },
    /- 1 row of badge_photo is lost: neither with the account nor folded or dropped in the receipt/,
  ],
  "steals a stranger's row": [
    async (context) => {
      const folded = await foldPairs(context);
      await context.manager.query(
        'UPDATE badge SET user_id = $1 WHERE name NOT IN (SELECT name FROM badge WHERE user_id = $1)',
        [context.account.id],
      );
      return { folded };
    },
    /- row \["[\da-f-]+"\] of badge, which is a stranger's, is gone or somebody else's\./,
  ],
  "gives a guest's photo to a stranger": [
    async (context) => {
      const report = await mergeBadges(context);
      await context.manager.query(
        `UPDATE badge_photo SET badge_id = (SELECT id FROM badge WHERE user_id <> $1 LIMIT 1)
         WHERE badge_id IN (SELECT id FROM badge WHERE user_id = $1)`,
        [context.account.id],
      );
      return report;
    },
    /rows of badge_photo came to a stranger's/,
  ],
  "changes a stranger's row": [
    async (context) => {
      const { manager } = context;
      for (const { accounts } of await manager.query<Pair[]>(PAIRS, ids(context))) {
        await manager.query(
          'UPDATE badge SET earned_points = 7 WHERE name = (SELECT name FROM badge WHERE id = $1)',
          [accounts],
        );
      }
      return mergeBadges(context);
    },
    /of badge, which is a stranger's, was changed: "earned_points" from '\d+' to '7'/,
  ],
  "changes the account's other rows": [
    async (context) => {
      const report = await mergeBadges(context);
      const { manager, account } = context;
      const change = 'UPDATE badge SET name = upper(name) WHERE user_id = $1';
      await manager.query(change, [account.id]);
      return report;
    },
    /which is the account's own and meets none of the guest's, was changed: "name"/,
  ],
  "drops the account's row with the guest's": [
    async (context) => {
      const { manager } = context;
      const pairs = await manager.query<Pair[]>(PAIRS, ids(context));
      for (const { guests, accounts } of pairs) {
        await manager.query('DELETE FROM badge WHERE id IN ($1, $2)', [guests, accounts]);
      }
      await move(context);
      return { dropped: pairs.map(({ guests }) => guests) };
    },
    /of two rows of badge that collide, the guest's and the account's, neither is left/,
  ],
  'swallows an error and leaves rows behind': [
    async (context) => {
      await move(context).catch(() => undefined);
    },
    /the merge fails.*current transaction is aborted/,
  ],
  'leaves rows behind': [
    async (context) => {
      const pairs = await context.manager.query<Pair[]>(PAIRS, ids(context));
      await context.manager.query(
        'UPDATE badge SET user_id = $2 WHERE user_id = $1 AND NOT (id = ANY ($3))',
        [...ids(context), pairs.map(({ guests }) => guests)],
      );
      return { dropped: pairs.map(({ guests }) => guests) };
    },
    /the merge fails.*rows of the guest are left in badge/,
  ],
  'counts twice': [
    async (context) => {
      const folded = await foldPairs(context, 2);
      await move(context);
      return { folded };
    },
    /- "earned_points" of badge adds up to \d+, and guest and account had \d+ together\./,
  ],
  'reports a row twice': [
    async (context) => {
      const folded = await foldPairs(context);
      await move(context);
      return { folded, dropped: folded };
    },
    /the merge fails.*as folded and as dropped/,
  ],
  'reports rows that have moved': [
    async (context) => {
      const rows = await context.manager.query<{ id: string }[]>(
        'SELECT id FROM badge WHERE user_id = $1',
        [context.guest.id],
      );
      await mergeBadges(context);
      return { folded: rows.map(({ id }) => id) };
    },
    /the merge fails.*that moved to the account/,
  ],
  'adds something whenever it runs': [
    async (context) => {
      const report = await mergeBadges(context);
      const insert = 'INSERT INTO badge (user_id, name) VALUES ($1, gen_random_uuid())';
      await context.manager.query(insert, [context.account.id]);
      return report;
    },
    /- linking once more: 1 row of badge came to the account's/,
  ],
  'needs a row of the guest': [
    async (context) => {
      const { manager, guest } = context;
      const [row] = await manager.query<object[]>('SELECT 1 FROM badge WHERE user_id = $1', [
        guest.id,
      ]);
      if (!row) throw new Error('there is nothing to merge');
      return mergeBadges(context);
    },
    /- linking once more, when the guest has no rows any more, fails: there is nothing to merge/,
  ],
  'needs a row of the account': [
    async (context) => {
      const { manager, account } = context;
      const [row] = await manager.query<object[]>('SELECT 1 FROM badge WHERE user_id = $1', [
        account.id,
      ]);
      if (!row) throw new Error('the account has no badge');
      return mergeBadges(context);
    },
    /badge, when the account has no rows: the merge fails.*the account has no badge/,
  ],
  'leaves its transaction': [
    async (context) => {
      await context.manager.query('COMMIT');
    },
    /the merge fails.*must not end the transaction/,
  ],
};
