import type { BrowserContextOptions } from 'playwright-core';
import { DevProvider } from '../../../examples/paws/dev-provider/dev-provider.js';
import type { PawsOptions } from '../../../examples/paws/paws.options.js';
import { closePaws, startPaws } from '../../example/paws-app.js';
import { freePort } from '../../example/paws-process.js';
import type { TestApp } from '../../support/test-app.js';
import { openBrowser } from './chromium.js';
import { withEvidence } from './evidence.js';
import { Visitor } from './visitor.js';

/** The example, and people who come with browsers. */
export interface Stage {
  readonly host: TestApp;
  readonly origin: string;
  /** @param name of the pictures, should the test fail. */
  readonly visitor: (name: string, options?: BrowserContextOptions) => Promise<Visitor>;
}

export interface StorySettings extends Partial<PawsOptions> {
  /** Whether the local provider is there. */
  readonly hasProvider?: boolean;
}

/**
 * A test in browsers, for `it`. It fails too when a page has an uncaught error, breaks the content security policy, or says
 * an error to its console that the test has not expected.
 */
export function story(
  { hasProvider = false, ...options }: StorySettings,
  tell: (stage: Stage) => Promise<void>,
): () => Promise<void> {
  return async () => {
    const origin = `http://127.0.0.1:${await freePort()}`;
    const redirectUris = [`${origin}/auth/callback/dev`];
    const provider = hasProvider ? await DevProvider.start({ port: 0, redirectUris }) : undefined;
    const visitors: Visitor[] = [];
    let failure: unknown;
    try {
      const [browser, host] = await Promise.all([
        openBrowser(),
        startPaws({
          hasDevInbox: true,
          ...options,
          baseUrl: origin,
          devProvider: provider?.client,
        }),
      ]);
      await tell({
        host,
        origin,
        visitor: async (name, more) => {
          const visitor = await Visitor.arrive(browser, name, origin, more);
          visitors.push(visitor);
          return visitor;
        },
      });
      for (const visitor of visitors) visitor.expectNoProblems();
    } catch (error) {
      failure = await withEvidence(error, visitors);
    }
    // Whatever of this fails, what has failed first is what is told.
    const ends = visitors.map(
      ({ context }) =>
        () =>
          context.close(),
    );
    for (const end of [...ends, closePaws, async () => provider?.stop()]) {
      await end().catch((error: unknown) => (failure ??= error));
    }
    if (failure) throw failure;
  };
}
