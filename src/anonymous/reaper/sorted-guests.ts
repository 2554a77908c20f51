import type { JudgedGuest } from '../../users/stale-guest.js';
import type { UserId } from '../../users/user.js';
import type { Verdict } from './reap-rules.js';
import type { Tally } from './tally.js';

/** Stale guests that nothing keeps. */
export interface SortedGuests {
  readonly free: readonly UserId[];
  readonly contributors: readonly UserId[];
}

/** Counts those that stay and names the others. */
export function sorted(judged: readonly JudgedGuest<Verdict>[], tally: Tally): SortedGuests {
  const free: UserId[] = [];
  const contributors: UserId[] = [];
  for (const { id, reason } of judged) {
    if (reason === null) free.push(id);
    else if (reason === 'contributor') contributors.push(id);
    else tally.keep(reason);
  }
  return { free, contributors };
}
