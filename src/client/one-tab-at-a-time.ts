import { browser } from './browser.js';

/** A tab that holds the lock longer than that is stuck. */
const PATIENCE_MS = 10_000;

/**
 * Does the work while no other tab does the same. Without Web Locks (pages without https, old browsers) and behind a tab
 * that is stuck it is done all the same: parallel tabs then meet at the server.
 */
export async function oneTabAtATime<Result>(
  name: string,
  work: () => Promise<Result>,
): Promise<Result> {
  const locks = browser()?.navigator?.locks;
  if (!locks) return work();
  let isStarted = false;
  try {
    const signal = AbortSignal.timeout?.(PATIENCE_MS);
    return await locks.request(name, { signal }, () => {
      isStarted = true;
      return work();
    });
  } catch (error) {
    if (isStarted) throw error;
    return work();
  }
}
