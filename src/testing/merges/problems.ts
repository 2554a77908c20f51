import type { TableReceipt } from '../../auth/account-linker.js';
import type { Row } from '../rows/fillable-table.js';
import type { RowName } from './holdings.js';
import { named, rows } from './wording.js';

/** One table before and after a merge. Rows of the guest are known by the account's id from the start. */
export interface TableStory {
  readonly name: string;
  readonly guest: ReadonlyMap<RowName, Row>;
  readonly account: ReadonlyMap<RowName, Row>;
  readonly after: ReadonlyMap<RowName, Row>;
  readonly receipt: TableReceipt;
}

/**
 * Whether every row of both has a place afterwards: with the account, or in the receipt as folded or dropped. What a receipt
 * counts as gone is of either side.
 */
export function conservation(story: TableStory): string[] {
  const { name, guest, account, after, receipt } = story;
  const before = new Set([...guest.keys(), ...account.keys()]);
  const lost = [...before].filter((row) => !after.has(row));
  const kept = before.size - lost.length;
  const gone = guest.size + account.size - ofBoth(story) - kept;
  const counted = receipt.folded + receipt.dropped;
  if (gone > counted) {
    return [
      `${rows(gone - counted)} of ${name} ${gone - counted === 1 ? 'is' : 'are'} lost: neither with the account nor folded or dropped in the receipt${named(lost)}.`,
    ];
  }
  if (gone < counted) {
    return [
      `the receipt counts ${rows(counted)} of ${name} as folded or dropped, but ${gone === 0 ? 'none is' : `only ${gone} are`} gone.`,
    ];
  }
  return [];
}

/** The same for a table with a handler class, which reports the rows of the guest alone. */
export function handledConservation(story: TableStory): string[] {
  const { name, guest, after, receipt } = story;
  const { moved, folded, dropped } = receipt;
  const lost = [...guest.keys()].filter((row) => !after.has(row));
  const sum = moved + folded + dropped;
  const problems: string[] = [];
  if (sum !== guest.size) {
    problems.push(
      `the receipt accounts for ${rows(sum)} of ${name}, but the guest had ${guest.size}.`,
    );
  }
  if (lost.length > folded + dropped) {
    problems.push(
      `${rows(lost.length - folded - dropped)} of ${name} are lost: neither with the account nor in the handler's report${named(lost)}.`,
    );
  }
  return problems;
}

/** Of two rows that collide one stays, or another takes the place of both. */
export function pairsLost(
  { name, guest, account, after }: TableStory,
  pairs: readonly (readonly [guests: RowName, accounts: RowName])[],
): string[] {
  const lost = pairs.filter((pair) => !pair.some((row) => after.has(row)));
  const more = [...after.keys()].filter((row) => !guest.has(row) && !account.has(row));
  if (lost.length <= more.length) return [];
  return [
    `of two rows of ${name} that collide, the guest's and the account's, neither is left (${lost[0]!.join(' and ')}).`,
  ];
}

/** Rows that name both users, each in another column. */
function ofBoth({ guest, account }: TableStory): number {
  const text = (row: Row | undefined) => row && JSON.stringify(Object.entries(row));
  return [...guest].filter(([name, row]) => text(account.get(name)) === text(row)).length;
}

/** Whether adding up a column comes to the same before and after. */
export function sumIsKept({ name, guest, account, after }: TableStory, column: string): string[] {
  const sum = (held: Iterable<Row>) =>
    [...held].reduce((total, row) => total + Number(row[column] ?? 0), 0);
  const before = sum([...guest.values(), ...account.values()]);
  const now = sum(after.values());
  // Beyond what adding up decimals may be off by.
  if (Math.abs(before - now) <= 1e-9 * Math.max(1, Math.abs(before))) return [];
  return [`${column} of ${name} adds up to ${now}, and guest and account had ${before} together.`];
}
