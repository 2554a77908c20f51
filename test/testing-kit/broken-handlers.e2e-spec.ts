import { checkMerge } from '../../src/testing/index.js';
import { handlerOf } from '../support/links.js';
import { closeApps, startApp } from '../support/running-apps.js';
import type { TestApp } from '../support/test-app.js';
import { Badge, BADGES, brokenMerges, mergeBadges } from './badge.js';

type Merge = typeof mergeBadges;

describe('checkMerge and handlers', () => {
  let merge: Merge;
  let host: TestApp;

  beforeAll(async () => {
    const handler = handlerOf(Badge, (context) => merge(context));
    host = await startApp({ entities: [Badge], schema: BADGES, providers: [handler] });
  });
  afterAll(closeApps);

  const check = (sums = ['points']) => checkMerge(host.app, Badge, { sums });

  it('finds nothing wrong with one that is right', async () => {
    merge = mergeBadges;
    expect(await check()).toEqual({ moved: 2, folded: 1, dropped: 0 });
  });

  it.each(Object.entries(brokenMerges))('catches one that %s', async (_, [broken, problem]) => {
    merge = broken;
    const error = await check().catch((reason: unknown) => reason);
    expect(error).toMatchObject({ name: 'TestKitError' });
    expect((error as Error).message.replaceAll('\n', ' ')).toMatch(problem);
  });

  it('harms nobody with one that takes everything', async () => {
    await host.sql(`INSERT INTO users (id) VALUES ('00000000-0000-4000-8000-000000000001')`);
    await host.sql(`INSERT INTO badge (user_id, name) SELECT id, 'kept' FROM users`);
    merge = async (context) => {
      await context.manager.query('UPDATE badge SET user_id = $1', [context.account.id]);
    };
    await expect(check()).rejects.toThrow("which is a stranger's, is gone or somebody else's");
    merge = async ({ manager }) => {
      await manager.query('DELETE FROM badge');
      return { dropped: [] };
    };
    await expect(check()).rejects.toThrow('the merge fails');
    const left = await host.sql('SELECT badge.name FROM badge JOIN users ON users.id = user_id');
    expect(left).toEqual([{ name: 'kept' }]);
    await host.sql('DELETE FROM badge');
    await host.sql('DELETE FROM users');
  });

  it('lets a handler fold rows of another table when the test says so', async () => {
    merge = async (context) => {
      const { manager, guest } = context;
      await manager.query(
        'DELETE FROM badge_photo WHERE badge_id IN (SELECT id FROM badge WHERE user_id = $1)',
        [guest.id],
      );
      return mergeBadges(context);
    };
    await expect(check()).rejects.toThrow('rows of badge_photo are lost');
    const absorbs = ['badge_photo'];
    expect(await checkMerge(host.app, Badge, { absorbs })).toMatchObject({ folded: 1 });
  });
});
