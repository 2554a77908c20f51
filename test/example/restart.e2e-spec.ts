import { rmSync } from 'node:fs';
import { makeDataFolder } from '../support/data-folder.js';
import { endProcesses, freePort, PawsProcess } from './paws-process.js';
import { addDog, basketOf, dogsOf, put, signUp, userOf } from './visitors.js';

/** Where TEST_DATABASE_URL is given, this machine may have no embedded PostgreSQL. */
const describeEmbedded = process.env.TEST_DATABASE_IS_EMBEDDED ? describe : describe.skip;

/** Each start compiles the whole app, on a machine that may be busy with other tests. */
jest.setTimeout(60_000);

describeEmbedded('npm start without a database', () => {
  let dataDir: string;
  beforeEach(() => {
    dataDir = makeDataFolder();
  });
  afterEach(async () => {
    await endProcesses();
    rmSync(dataDir, { recursive: true, force: true });
  });

  it('keeps data and sessions, of guests too, over Ctrl-C and another start', async () => {
    const variables = { PORT: await freePort(), DATA_DIR: dataDir };
    const first = new PawsProcess(variables);
    expect(await first.ready()).toBe(`Paws is ready: http://localhost:${variables.PORT}`);
    const [account, guest] = [first.browser(), first.browser()];
    await addDog(account, 'Rex');
    await signUp(account);
    await addDog(guest, 'Luna');
    await put(guest, 'ball', 2);
    const users = [await userOf(account), await userOf(guest)];
    expect(await first.interrupt()).toBe(0);

    const second = new PawsProcess(variables);
    await second.ready();
    expect([await userOf(account), await userOf(guest)]).toEqual(users);
    expect([await dogsOf(account), await dogsOf(guest)]).toEqual([['Rex'], ['Luna']]);
    expect(await basketOf(guest)).toEqual({ ball: 2 });
    expect(await second.interrupt()).toBe(0);
    expect([await first.errors, await second.errors]).toEqual(['', '']);
  });
});
