import { type ReaperReport, type ReaperRunOptions, ReaperService } from '../../src/index.js';
import { newGuest, type Person } from '../support/people.js';
import type { TestApp } from '../support/test-app.js';

/** Puts the last visit of users back. */
export async function age(host: TestApp, hours: number, ...userIds: string[]): Promise<void> {
  await host.sql(
    `UPDATE users SET last_seen_at = now() - make_interval(hours => $1) WHERE id = ANY ($2)`,
    [hours, userIds],
  );
}

/** A guest that nobody has seen for forty days. */
export async function staleGuest(host: TestApp): Promise<Person> {
  const guest = await newGuest(host);
  await age(host, 40 * 24, guest.userId);
  return guest;
}

export function reap(host: TestApp, options?: ReaperRunOptions): Promise<ReaperReport> {
  return host.app.get(ReaperService).run(options);
}

/** Guests that stay, by reason: those that are named, and none for any other reason. */
export function kept(reasons: Partial<ReaperReport['kept']> = {}): ReaperReport['kept'] {
  return {
    locked: 0,
    'open-link': 0,
    'recently-merged': 0,
    'owns-rows': 0,
    'has-dependents': 0,
    'kept-by-host': 0,
    failed: 0,
    ...reasons,
  };
}
