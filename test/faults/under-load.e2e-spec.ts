import { OwnServer } from '../support/instances/own-server.js';
import { PAWS_FAULTS } from '../support/instances/paws-faults.js';
import { PawsPair } from '../support/instances/paws-pair.js';
import { Load } from '../support/load/load.js';
import { brokenPromises, settled } from '../support/load/verdict.js';

const isLong = process.env.LONG === '1';
const CLIENTS = isLong ? 20 : 6;
/** Of a fault that lasts, and of the load before and after it. */
const LASTS_MS = isLong ? 10_000 : 800;
const ARRIVALS = isLong ? 200 : 4;
/** From the end of the fault until that many visitors have arrived again. */
const RECOVERED = 4;
const RECOVERY_MS = isLong ? 30_000 : 15_000;
/** For all of them: how fast a machine is promises nothing. */
const ARRIVALS_MS = isLong ? 150_000 : 15_000;
const SETTLING_MS = 30_000;

/** Where TEST_DATABASE_URL is given, this machine may have no embedded PostgreSQL. */
const describeEmbedded = process.env.TEST_DATABASE_IS_EMBEDDED ? describe : describe.skip;

jest.setTimeout(isLong ? 450_000 : 120_000);

describeEmbedded('two instances under load', () => {
  let server: OwnServer;
  let pair: PawsPair;
  let load: Load | undefined;

  beforeAll(async () => {
    server = await OwnServer.start();
    pair = await PawsPair.start(server.databaseUrl);
  });
  afterEach(async () => {
    await load?.stop();
    for (const { process } of pair.instances) {
      // What has ended by itself says why.
      if (!process.isRunning) throw new Error(`an instance has ended: ${process.errors}`);
    }
  });
  afterAll(async () => {
    await pair?.close();
    await server?.close();
  });

  it.each(Object.keys(PAWS_FAULTS))('lose nothing when %s', async (name) => {
    const seed = Math.floor(Math.random() * 2 ** 31);
    load = await Load.start(pair, CLIENTS, seed);
    await load.passed(ARRIVALS, ARRIVALS_MS);
    await PAWS_FAULTS[name]!({ pair, server, lastsMs: LASTS_MS, victim: pair.instances[0] });
    // By themselves: nobody restarts what has not been ended.
    await load.passed(RECOVERED, RECOVERY_MS);
    await load.passed(ARRIVALS - RECOVERED, ARRIVALS_MS);
    await load.stop();
    await settled(pair, SETTLING_MS);
    expect({ seed, broken: await brokenPromises(pair, load.journal) }).toEqual({
      seed,
      broken: [],
    });
  });
});
