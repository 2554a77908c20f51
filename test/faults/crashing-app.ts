import { LinkingService, type MergeContext } from '../../src/index.js';
import { Note } from '../support/host.js';
import { handlerOf, moveNotes } from '../support/links.js';
import { createTestApp } from '../support/test-app.js';

/** A handler that throws beside its promise, where nobody can catch it, and would go on as if nothing were wrong. */
const ThrowingAside = handlerOf(Note, async (context: MergeContext) => {
  process.nextTick(() => {
    throw new Error('thrown aside');
  });
  await moveNotes(context);
});

const [databaseUrl, guestId, accountId] = process.argv.slice(2);
const { app } = await createTestApp({ databaseUrl, providers: [ThrowingAside] });
const link = await app.get(LinkingService).link(guestId!, accountId!);
console.info(`the link is ${link?.status}`);
await app.close();
