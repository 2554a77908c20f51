import type { TableReceipt } from '../../auth/account-linker.js';
import type { MergeEvent, MergeReport, RowKey } from './merge-handler.js';
import { MergeHandlerError } from './merge.errors.js';
import { idText, keyText, type KeyText, type RowId } from './row-keys.js';

/** What the database says about a handler's work. */
export interface HandledRows {
  /** The guest's rows before. */
  readonly owned: readonly RowId[];
  /** Those of them that the account has since. */
  readonly arrived: readonly RowId[];
}

/**
 * Holds a handler's report against the rows: each has moved, or was folded, or was dropped, and exactly one of these.
 * @throws MergeHandlerError for a row that is unaccounted for or counted twice.
 */
export function checkedReport(
  handler: string,
  event: MergeEvent,
  report: MergeReport | void,
  rows: HandledRows,
): TableReceipt {
  const refuse = (count: number, reason: (rows: string) => string) => {
    if (count > 0) throw new MergeHandlerError(handler, reason(`${count} rows of ${event.table}`));
  };
  const owned = new Set(rows.owned.map(({ id }) => id));
  const arrived = new Set(rows.arrived.map(({ id }) => id));
  const find = finder(rows.owned, event);
  const folded = (report?.folded ?? []).map(find);
  const dropped = (report?.dropped ?? []).map(find);
  const found = [...folded, ...dropped].flat();
  const reported = new Set(found);
  refuse(
    [...folded, ...dropped].filter(({ length }) => length === 0).length,
    (which) => `reports ${which} that the guest did not own.`,
  );
  refuse(
    [...folded, ...dropped].filter(({ length }) => length > 1).length,
    (which) =>
      `reports ${which} by a key that others of the guest's share. Report their whole primary keys.`,
  );
  refuse(
    new Set(folded.flat().filter((id) => new Set(dropped.flat()).has(id))).size,
    (which) => `reports ${which} as folded and as dropped. Report each once.`,
  );
  refuse(
    [...reported].filter((id) => arrived.has(id)).length,
    (which) => `reports ${which} that moved to the account. Report only rows that do not move.`,
  );
  refuse(
    [...owned].filter((id) => !arrived.has(id) && !reported.has(id)).length,
    (which) =>
      `left ${which} neither with the account nor in its report. Return { folded: [keys], dropped: [keys] } for rows that do not move.`,
  );
  return {
    moved: arrived.size,
    folded: new Set(folded.flat()).size,
    dropped: new Set(dropped.flat()).size,
  };
}

/** The guest's rows that a reported key may mean: by the key without owners, or by the whole one. */
function finder(owned: readonly RowId[], event: MergeEvent): (key: RowKey) => readonly KeyText[] {
  const byShort = new Map<KeyText, KeyText[]>();
  const ids = new Set(owned.map(({ id }) => id));
  for (const { id, short } of owned) byShort.set(short, [...(byShort.get(short) ?? []), id]);
  return (key) => {
    const whole = idText(key, event);
    return ids.has(whole) ? [whole] : (byShort.get(keyText(key)) ?? []);
  };
}
