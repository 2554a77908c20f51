import type { TableReceipt } from '../../auth/account-linker.js';
import type { MergeReport } from './merge-handler.js';
import { MergeHandlerError } from './merge.errors.js';
import { keyText, type KeyText } from './row-keys.js';

/** What the database says about a handler's work. */
export interface HandledRows {
  /** The guest's rows before. */
  readonly owned: ReadonlySet<KeyText>;
  /** Those of them that the account has since. */
  readonly arrived: ReadonlySet<KeyText>;
}

/**
 * Holds a handler's report against the rows: each has moved, or was folded, or was dropped, and exactly one of these.
 * @param table `undefined` for a table that references no user, where there is nothing to hold the report against.
 * @throws MergeHandlerError for a row that is unaccounted for or counted twice.
 */
export function checkedReport(
  handler: string,
  table: string | undefined,
  report: MergeReport | void,
  { owned, arrived }: HandledRows,
): TableReceipt {
  const folded = new Set((report?.folded ?? []).map(keyText));
  const dropped = new Set((report?.dropped ?? []).map(keyText));
  const counts = { moved: arrived.size, folded: folded.size, dropped: dropped.size };
  if (table === undefined) return counts;
  const refuse = (keys: readonly KeyText[], reason: (rows: string) => string) => {
    if (keys.length > 0)
      throw new MergeHandlerError(handler, reason(`${keys.length} rows of ${table}`));
  };
  const reported = [...folded, ...dropped];
  refuse(
    reported.filter((key) => !owned.has(key)),
    (rows) => `reports ${rows} that the guest did not own.`,
  );
  refuse(
    [...folded].filter((key) => dropped.has(key)),
    (rows) => `reports ${rows} as folded and as dropped. Report each once.`,
  );
  refuse(
    reported.filter((key) => arrived.has(key)),
    (rows) => `reports ${rows} that moved to the account. Report only rows that do not move.`,
  );
  refuse(
    [...owned].filter((key) => !arrived.has(key) && !folded.has(key) && !dropped.has(key)),
    (rows) =>
      `left ${rows} neither with the account nor in its report. Return { folded: [keys], dropped: [keys] } for rows that do not move.`,
  );
  return counts;
}
