import { defineEntity } from '../define-entity.js';
import type { EntityClass, TableSetPlan } from '../table-set.js';

/** What happens to guests. `returned`: seen again on a later day than the last time. */
export type GuestChange = 'issued' | 'returned' | 'upgraded' | 'linked' | 'reaped';

/** How long it took a guest to become an account, or to be merged into one: no longer than this, and than no shorter one. */
export const CLAIM_TIMES = ['1m', '10m', '1h', '1d', '7d', '30d', 'later'] as const;

/** One of the closed list of times. */
export type ClaimTime = (typeof CLAIM_TIMES)[number];

/** How often something happened to guests on one day. */
export class GuestFigure {
  /** In UTC, as `2026-11-22`. */
  day!: string;
  figure!: string;
  count!: string;
}

/** The figure that counts claims which took so long. */
export function claimFigure(time: ClaimTime): string {
  return time === 'later' ? 'claimed-later' : `claimed-within-${time}`;
}

export function guestFigureEntity(set: TableSetPlan): EntityClass<GuestFigure> {
  const table = `${set.tablePrefix}guest_figures`;
  const key = { primary: true, primaryKeyConstraintName: `${table}_pkey` };
  return defineEntity(GuestFigure, set, {
    table,
    columns: {
      day: { type: 'date', ...key },
      figure: { type: 'text', ...key },
      count: { type: 'bigint' },
    },
  });
}
