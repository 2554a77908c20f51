import type { INestApplicationContext } from '@nestjs/common';
import { ReaperService } from './reaper.service.js';

/** What {@link cleanupAnonymousUsers} does differently from the options of the module. */
export interface CleanupOptions {
  /** Seconds that a guest must not have been seen, 7200 at the least. @default option `reaper.olderThan` */
  readonly olderThan?: number;
  /** `true` deletes nothing and counts what would be. @default false */
  readonly dryRun?: boolean;
}

/**
 * Runs the reaper once, for a script or a job of the host. `ReaperService.run` does the same and says more.
 * @param app the host's application or application context, once it is initialised.
 * @returns how many guests were deleted, or, as a dry run, would be.
 * @throws ConfigurationError when `olderThan` is too short.
 */
export async function cleanupAnonymousUsers(
  app: INestApplicationContext,
  { olderThan, dryRun }: CleanupOptions = {},
): Promise<number> {
  const reaper = app.get(ReaperService, { strict: false });
  const { reaped } = await reaper.run({
    dryRun,
    ...(olderThan === undefined ? {} : { olderThan: `${olderThan}s` }),
  });
  return reaped;
}
