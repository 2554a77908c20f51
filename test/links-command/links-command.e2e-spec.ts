import { randomUUID } from 'node:crypto';
import { CLINIC } from '../doctor/clinic.js';
import { createClinicDatabase, query } from '../doctor/clinic-database.js';
import { answer, LONGEST_RUN_MS, runProcess } from '../support/command-line.js';
import { leaveBroken } from '../support/checker/checked-databases.js';
import type { TestDatabase } from '../support/test-database.js';

const APP = ['--app', 'test/doctor/clinic.module.ts'];

describe('nestjs-anonymous links', () => {
  it('explains itself', async () => {
    const { code, out } = await answer('links', '--help');
    expect(code).toBe(0);
    for (const word of ['list', 'retry', '--status', '--limit', '--app', '--json', 'failed']) {
      expect(out).toContain(word);
    }
  });

  it.each([
    ['no action', [], /links list or links retry/],
    ['an unknown action', ['drop'], /links list or links retry/],
    ['an unknown status', ['list', '--status', 'lost'], /--status lost.*awaiting-consent/],
    ['a limit that is no number', ['list', '--limit', '-1'], /--limit/],
    ['ids to list', ['list', randomUUID()], /takes no ids/],
    ['an id that is none', ['retry', '1; DROP TABLE users'], /is no id of a link/],
  ])('says in one line what is wrong with %s', async (_case, argv, says) => {
    const { code, out, err } = await answer('links', ...argv);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toMatch(/^nestjs-anonymous: .*\n$/);
    expect(err).toMatch(says);
  });
});

describe('nestjs-anonymous links, as a process', () => {
  let database: TestDatabase;
  let failed: string;
  let pending: string;
  beforeAll(async () => {
    database = await createClinicDatabase(CLINIC);
    [failed, pending] = [await insert('failed', 'no room'), await insert('pending', null)];
    await insert('merged', null);
  });
  afterAll(async () => {
    const why = 'links without people are enough for a list';
    for (const rule of [
      'a merged link has no receipt',
      'an open link has lost its guest',
      'an account has no identity',
    ]) {
      leaveBroken(database.url, rule, why);
    }
    await database.drop();
  });

  async function insert(status: string, error: string | null): Promise<string> {
    const [account] = await query<{ id: string }>(
      database,
      `INSERT INTO users (id) VALUES (gen_random_uuid()) RETURNING id`,
    );
    const reason = error === null ? 'NULL' : `'${error}'`;
    const [link] = await query<{ id: string }>(
      database,
      `INSERT INTO account_links (id, guest_id, account_id, status, policy, attempts, error)
       VALUES (gen_random_uuid(), gen_random_uuid(), '${account!.id}', '${status}', 'merge', 20, ${reason})
       RETURNING id`,
    );
    return link!.id;
  }

  it(
    'lists what is pending or has failed, with the reason',
    async () => {
      const { code, out, err } = await runProcess(['links', 'list', ...APP]);
      expect({ code, err }).toEqual({ code: 0, err: '' });
      const [head, ...rows] = out.trimEnd().split('\n');
      expect(head).toMatch(/^LINK +STATUS +GUEST +ACCOUNT +SINCE +TRIES$/);
      expect(rows).toEqual([
        expect.stringMatching(new RegExp(`^${failed} +failed .* 20$`)),
        '  no room',
        expect.stringMatching(new RegExp(`^${pending} +pending .* 20$`)),
      ]);
    },
    LONGEST_RUN_MS,
  );

  it(
    'makes what has failed due again, and says which id has not',
    async () => {
      const retry = await runProcess(['links', 'retry', failed, pending, ...APP, '--json']);
      expect({ code: retry.code, ...JSON.parse(retry.out) }).toEqual({
        code: 1,
        version: 1,
        due: [failed],
        notFailed: [pending],
      });
      expect(
        await query(
          database,
          `SELECT status, attempts, next_attempt_at <= now() AS due FROM account_links WHERE id = '${failed}'`,
        ),
      ).toEqual([{ status: 'pending', attempts: 0, due: true }]);
      const all = await runProcess(['links', 'retry', ...APP]);
      expect(all).toEqual({ code: 0, out: '0 links are due again.\n', err: '' });
      const none = await runProcess(['links', 'list', '--status', 'failed', ...APP]);
      expect(none).toEqual({ code: 0, out: 'No link is failed.\n', err: '' });
    },
    LONGEST_RUN_MS,
  );
});
