import type { Counts, LinkOutcome, Rows } from './product.js';

/** A user of the model, and what it owns. */
export interface ModelUser {
  readonly name: number;
  readonly wasGuest: boolean;
  kind: 'guest' | 'account' | 'gone';
  epoch: number;
  lastSeen: number;
  email: string | null;
  notes: string[];
  tags: Map<string, string>;
  credits: number | null;
}

/** Notes move; of two tags with one name the account's stays; credits add up. */
export function merge(guest: ModelUser, account: ModelUser): LinkOutcome['receipt'] {
  const moved = [...guest.tags].filter(([name]) => !account.tags.has(name));
  const receipt: Record<string, Counts> = {
    note: [guest.notes.length, 0, 0],
    tag: [moved.length, 0, guest.tags.size - moved.length],
    wallet: guest.credits === null ? [0, 0, 0] : account.credits === null ? [1, 0, 0] : [0, 1, 0],
  };
  account.notes.push(...guest.notes);
  for (const [name, text] of moved) account.tags.set(name, text);
  if (guest.credits !== null) account.credits = (account.credits ?? 0) + guest.credits;
  empty(guest);
  return Object.fromEntries(
    Object.entries(receipt).filter(([, counts]) => counts.some((n) => n > 0)),
  );
}

export function empty(user: ModelUser): void {
  Object.assign(user, { kind: 'gone', notes: [], tags: new Map(), credits: null });
}

export function ownsAnything({ notes, tags, credits }: ModelUser): boolean {
  return notes.length > 0 || tags.size > 0 || credits !== null;
}

export function rowsOf(user: ModelUser | undefined): Rows {
  const { notes = [], tags = [], credits = null } = user ?? {};
  return { notes: notes.toSorted(), tags: Object.fromEntries(tags), credits };
}
