import type { AccountLink } from '../../linking/ledger/account-link.js';
import type { Paint } from '../paint.js';
import { aligned, type TextRow } from '../text.js';

const HEAD: TextRow = [['LINK'], ['STATUS'], ['GUEST'], ['ACCOUNT'], ['SINCE'], ['TRIES']];

/** One line for each link, and the reason below those that have one. */
export function linkTable(links: readonly AccountLink[], paint: Paint): string[] {
  const [head = [], ...rows] = aligned([HEAD, ...links.map(rowOf)]);
  const body = rows.flatMap((lines, n) => {
    const { error } = links[n]!;
    return error === null ? lines : [...lines, paint(`  ${error}`, 'dim')];
  });
  return [...head.map((line) => paint(line, 'bold')), ...body];
}

function rowOf({ id, status, guestId, accountId, createdAt, attempts }: AccountLink): TextRow {
  const since = createdAt.toISOString().slice(0, 16).replace('T', ' ');
  return [[id], [status], [guestId], [accountId ?? '(deleted)'], [since], [String(attempts)]];
}
