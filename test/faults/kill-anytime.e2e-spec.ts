import { eventually } from '../support/barrier.js';
import { killRaceProcesses } from '../support/race-process.js';
import { closeApps, startApp } from '../support/running-apps.js';
import {
  at,
  becomeDue,
  expectAnnounced,
  type Meeting,
  meeting,
  MERGED,
  startVictim,
  statementsWithLocks,
  stateOf,
  WHOLE,
} from './kill-meetings.js';
import { heldApp } from './kill-points.js';

jest.setTimeout(90_000);

const GUESTS = 24;

afterEach(async () => {
  await killRaceProcesses();
  await closeApps();
});

it('a process killed at any moment leaves every guest whole or merged, and another finishes', async () => {
  const host = await startApp(heldApp('50ms'));
  const victim = await startVictim(host);
  const meetings: Meeting[] = [];
  for (let n = 0; n < GUESTS; n += 1) meetings.push(await meeting(host));
  const answers = meetings.map((each) =>
    at(victim, each).then(
      ({ body }) => body.link.status as string,
      () => 'no answer',
    ),
  );
  await eventually('some merges are done', async () => {
    const merged = await host.sql(`SELECT 1 FROM account_links WHERE status = 'merged'`);
    return merged.length >= 5;
  });
  await victim.kill();
  await eventually('its locks are gone', async () => {
    const statements = await statementsWithLocks(host);
    return statements.length === 0;
  });

  const told = await Promise.all(answers);
  for (const [n, each] of meetings.entries()) {
    const { guest, account, links } = await stateOf(host, each);
    const { status } = links[0] ?? { status: 'none' };
    const { guest: whose, account: whom } = status === 'merged' ? MERGED : WHOLE;
    expect({ guest, account }).toEqual({ guest: whose, account: whom });
    if (told[n] === 'merged') expect(status).toBe('merged');
  }

  for (const each of meetings) {
    const again = await at(host, each);
    expect(again).toMatchObject({ status: 200, body: { link: { status: 'merged' } } });
    await becomeDue(host, each);
  }
  for (const each of meetings) await expectAnnounced(host, each);
});
