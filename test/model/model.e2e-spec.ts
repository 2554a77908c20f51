import fc from 'fast-check';
import { Reference } from './reference.js';
import { ADA, stories } from './steps.js';
import { World } from './world.js';

const RUNS = Number(process.env.MODEL_RUNS ?? 100);
const { MODEL_SEED, MODEL_PATH, MODEL_REPLAY } = process.env;

let world: World;
beforeAll(async () => {
  world = await World.create();
}, 60_000);
afterAll(() => world.close());

it(
  `does what the model does, in ${RUNS} random stories of three guests and two accounts`,
  async () => {
    const property = fc.asyncProperty(stories(MODEL_REPLAY), async (story) => {
      await world.clear();
      const model = new Reference();
      expect(await world.signUp(3, ADA)).toEqual(model.signUp(3, ADA));
      await fc.asyncModelRun(() => ({ model, real: world }), story);
      expect(await world.state()).toEqual(model.state());
      model.reconcile('works');
      await world.reconcile('works');
      expect(await world.state()).toEqual(model.state());
    });
    const seed = Number(MODEL_SEED ?? Date.now() % 2 ** 31);
    console.info(`MODEL_SEED=${seed}`);
    await fc.assert(property, { numRuns: RUNS, seed, path: MODEL_PATH, endOnFailure: false });
  },
  Math.max(180_000, RUNS * 3_000),
);
