import { parseArgs } from 'node:util';
import { setTimeout as wait } from 'node:timers/promises';
import { OwnServer } from '../support/instances/own-server.js';
import { PAWS_FAULTS } from '../support/instances/paws-faults.js';
import { PawsPair } from '../support/instances/paws-pair.js';
import { Dice } from '../support/load/dice.js';
import { Load } from '../support/load/load.js';
import { brokenPromises, settled } from '../support/load/verdict.js';
import { killRaceProcesses } from '../support/race-process.js';
import { reportOf } from './report.js';

const CLIENTS = 10;
const LONGEST_MINUTES = 60;
const SETTLING_MS = 120_000;
/** Between two faults, so that the app is also seen whole. */
const PAUSE_MS = { from: 1_000, to: 5_000 };
const LASTS_MS = { from: 300, to: 3_000 };

/** Guests without a row of their own are as good as forgotten: the reaper takes them beside everything else. */
const FORGET = `UPDATE users SET last_seen_at = now() - interval '40 days'
  WHERE is_anonymous AND last_seen_at > now() - interval '1 day' AND created_at < now() - interval '5 seconds'
    AND random() < 0.5`;

const { values } = parseArgs({
  options: { minutes: { type: 'string', default: '10' }, seed: { type: 'string' } },
});
const minutes = Number(values.minutes);
const seed = Number(values.seed ?? Math.floor(Math.random() * 2 ** 31));
if (!(minutes > 0 && minutes <= LONGEST_MINUTES) || !Number.isInteger(seed)) {
  console.error(
    `usage: npm run soak -- [--minutes 0.5 to ${LONGEST_MINUTES}] [--seed <whole number>]`,
  );
  process.exit(2);
}

const dice = new Dice(seed);
const between = ({ from, to }: { from: number; to: number }) => from + dice.below(to - from);
const faults = new Map<string, number>();
/** Faults that did not go as they should. */
const wrong: string[] = [];
console.log(`soak: ${minutes} minutes, seed ${seed}`);

let server: OwnServer | undefined;
let pair: PawsPair | undefined;
let isWhole = false;
try {
  server = await OwnServer.start();
  pair = await PawsPair.start(server.databaseUrl);
  const load = await Load.start(pair, CLIENTS, dice.below(2 ** 31));
  const end = performance.now() + minutes * 60_000;
  while (performance.now() < end) {
    await wait(between(PAUSE_MS));
    await pair.sql(FORGET);
    const name = dice.of(Object.keys(PAWS_FAULTS));
    const site = { pair, server, lastsMs: between(LASTS_MS), victim: dice.of(pair.instances) };
    await PAWS_FAULTS[name]!(site).catch((error: Error) => wrong.push(`${name}: ${error.message}`));
    faults.set(name, (faults.get(name) ?? 0) + 1);
  }
  await load.stop();
  await settled(pair, SETTLING_MS);
  const [counted] = await pair.sql<{ merges: number }>(
    `SELECT count(*) FILTER (WHERE status = 'merged')::int AS merges FROM account_links`,
  );
  const broken = [...wrong, ...(await brokenPromises(pair, load.journal))];
  for (const { process: instance } of pair.instances) {
    if (!instance.isRunning) broken.push(`an instance has ended by itself: ${instance.errors}`);
  }
  const { journal } = load;
  const { merges } = counted!;
  // Of the processes that are there in the end; those that were killed took their count along.
  const counts = await Promise.all(pair.instances.map((instance) => instance.order('reaped')));
  const reaped = (counts as number[]).reduce((sum, count) => sum + count, 0);
  console.log(
    reportOf({
      seed,
      minutes,
      journal,
      merges,
      reaped,
      faults,
      deadlocks: server.deadlocks,
      broken,
    }),
  );
  isWhole = broken.length === 0;
} catch (error) {
  console.error(error);
} finally {
  await pair?.close();
  await killRaceProcesses();
  await server?.close();
}
process.exit(isWhole ? 0 : 1);
