import 'reflect-metadata';
import { readConfig } from '../../../examples/paws/config/config.js';
import { createPawsApp } from '../../../examples/paws/create-app.js';
import { closeApp, Shutdown } from '../../../examples/paws/shutdown.js';
import { StampCardMergeHandler } from '../../../examples/paws/stamps/stamp-card-merge.handler.js';
import { LateRowsService, ReaperService } from '../../../src/index.js';
import { LINKING_SETTINGS } from '../../../src/linking/linking.options.js';
import { Barrier } from '../barrier.js';
import { hashCheaply } from '../cheap-hashing.js';

/**
 * The example in a process, as `main.ts` runs it, with what a test needs: merges that can be held in the middle, a reaper
 * that runs every now and then, and settings of linking that nobody would want to wait for.
 */
const { DATABASE_URL, AUTH_SECRET, LINKING = '{}', REAP_EVERY_MS } = process.env;
const shutdown = new Shutdown();
shutdown.onSignals('SIGINT', 'SIGTERM');
// Nothing outlives the test that started it, not even if that is killed.
process.once('disconnect', () => process.exit(1));

const config = readConfig(process.env);
const app = await createPawsApp(
  { ...config.app, databaseUrl: DATABASE_URL!, secret: AUTH_SECRET! },
  ['fatal', 'error'],
);
shutdown.add(() => closeApp(app));
hashCheaply(app);
Object.assign(app.get<object>(LINKING_SETTINGS, { strict: false }), JSON.parse(LINKING));

let gate = new Barrier();
gate.open();
const handler = app.get(StampCardMergeHandler, { strict: false });
const merge = handler.merge.bind(handler);
handler.merge = async (context) => {
  await gate.pass();
  return merge(context);
};

let reaped = 0;
if (REAP_EVERY_MS) {
  const reaper = app.get(ReaperService);
  const reap = () =>
    void reaper.run().then(
      (report) => (reaped += report.reaped),
      () => undefined,
    );
  setInterval(reap, Number(REAP_EVERY_MS)).unref();
}

/** What a test can ask for. */
const orders: Record<string, (value: never) => unknown> = {
  hold: () => {
    gate = new Barrier();
  },
  held: (merges: number) => gate.reached(merges).then(() => true),
  release: () => gate.open(),
  /** Nothing else happens in this process meanwhile: a busy loop, or a long pause for garbage collection. */
  block: (ms: number) => {
    for (const end = performance.now() + ms; performance.now() < end;);
  },
  reaped: () => reaped,
  sweep: () => app.get(LateRowsService).run(),
};
process.on('message', ({ id, order, value }: { id: number; order: string; value: never }) => {
  void Promise.resolve(orders[order]?.(value)).then((answer) => process.send?.({ id, answer }));
});

await app.listen(config.port, '127.0.0.1');
console.log(`http://127.0.0.1:${config.port}`);
