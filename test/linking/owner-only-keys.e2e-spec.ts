import { Entity, PrimaryColumn } from 'typeorm';
import type { MergeContext, MergeReport } from '../../src/index.js';
import { handlerOf, NO_RETRY, signIn } from '../support/links.js';
import { newAccount, newGuest } from '../support/people.js';
import { closeApps, startApp } from '../support/running-apps.js';

@Entity('follow')
class Follow {
  @PrimaryColumn('uuid', { name: 'follower_id' }) followerId!: string;
  @PrimaryColumn('uuid', { name: 'followee_id' }) followeeId!: string;
}

const SCHEMA = `CREATE TABLE follow (follower_id uuid REFERENCES users (id), followee_id uuid REFERENCES users (id),
  PRIMARY KEY (follower_id, followee_id))`;

let merge: (context: MergeContext) => Promise<MergeReport | void>;
const handler = handlerOf(Follow, (context) => merge(context));

/** A guest and an account who both follow Ada; the guest follows Bob too, and is followed by him. */
async function following() {
  const host = await startApp({
    options: { linking: NO_RETRY },
    entities: [Follow],
    schema: SCHEMA,
    providers: [handler],
  });
  const [account, ada, bob] = [
    await newAccount(host),
    await newAccount(host),
    await newAccount(host),
  ];
  const guest = await newGuest(host);
  const pairs = [
    [guest, ada],
    [guest, bob],
    [bob, guest],
    [account, ada],
  ] as const;
  for (const [follower, followee] of pairs) {
    await host.sql('INSERT INTO follow VALUES ($1, $2)', [follower.userId, followee.userId]);
  }
  const count = async () => (await host.sql('SELECT 1 FROM follow')).length;
  return { host, account, guest, ada, count };
}

/** Drops what the account has too, moves the rest, and answers the dropped keys. */
async function take({ guest, account, manager }: MergeContext): Promise<[string, string][]> {
  const ids = [guest.id, account.id];
  const dropped = await manager.query<{ followee_id: string }[]>(
    `SELECT followee_id FROM follow WHERE follower_id = $1
       AND followee_id IN (SELECT followee_id FROM follow WHERE follower_id = $2)`,
    ids,
  );
  await manager.query('DELETE FROM follow WHERE follower_id = $1 AND followee_id = ANY ($2)', [
    guest.id,
    dropped.map((row) => row.followee_id),
  ]);
  await manager.query('UPDATE follow SET follower_id = $2 WHERE follower_id = $1', ids);
  await manager.query('UPDATE follow SET followee_id = $2 WHERE followee_id = $1', ids);
  return dropped.map((row) => [guest.id, row.followee_id]);
}

describe('a handler for a table whose key is nothing but owners', () => {
  afterEach(closeApps);

  it('reports rows by their whole key', async () => {
    const { account, guest, count } = await following();
    merge = async (context) => ({ dropped: await take(context) });
    const { body } = await signIn(guest, account);
    expect(body.link).toMatchObject({
      status: 'merged',
      receipt: { tables: { follow: { moved: 2, folded: 0, dropped: 1 } } },
    });
    expect(await count()).toBe(3);
  });

  it.each<[string, (context: MergeContext) => Promise<MergeReport | void>]>([
    ['drops a row and does not say so', async (context) => void (await take(context))],
    [
      'loses a row that nobody else has',
      async (context) => {
        const dropped = await take(context);
        await context.manager.query('DELETE FROM follow WHERE followee_id = $1', [
          context.account.id,
        ]);
        return { dropped };
      },
    ],
    [
      'reports one that it has moved',
      async (context) => {
        const [[guestId, collided] = ['', '']] = await take(context);
        const [row] = await context.manager.query<{ followee_id: string }[]>(
          'SELECT followee_id FROM follow WHERE follower_id = $1 AND followee_id <> $2',
          [context.account.id, collided],
        );
        return { dropped: [[guestId, row!.followee_id]] };
      },
    ],
    ['reports them by nothing', async (context) => (await take(context), { dropped: [[]] })],
  ])('is not merged when it %s', async (_kind, misbehave) => {
    const { account, guest, count } = await following();
    merge = misbehave;
    expect(await signIn(guest, account)).toMatchObject({
      status: 200,
      body: { link: { status: 'pending' } },
    });
    expect(await count()).toBe(4);
  });
});
