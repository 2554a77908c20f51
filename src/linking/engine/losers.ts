/** Values of a row by quoted column, as text. */
export type RowValues = Readonly<Record<string, string>>;

/** On whose side a row was before the merge; a row without an owner is on the side of its parent. */
export type Side = 'guest' | 'account';

/** A row that takes part in a collision. */
export interface Contender {
  /** Its primary key, and every column by which other tables refer to it. */
  readonly values: RowValues;
  readonly id: string;
  readonly side: Side;
  /** For each colliding key, the group of rows that agree on it once owners and parents are replaced; `null` when the row is in none. */
  readonly groups: readonly (number | null)[];
}

/** A row that gives way to another. */
export interface Loser {
  readonly loser: Contender;
  readonly winner: Contender;
}

/**
 * Decides who stays. Contenders come in the order of preference. Each stays unless it agrees on a key with one that stays
 * already, and then gives way to that one. So what stays breaks no key, and nothing gives way without need.
 */
export function decide(contenders: readonly Contender[]): Loser[] {
  const taken = new Map<string, Contender>();
  const losers: Loser[] = [];
  for (const contender of contenders) {
    const places = contender.groups
      .map((group, key) => (group === null ? undefined : `${key}:${group}`))
      .filter((place) => place !== undefined);
    const winner = places.map((place) => taken.get(place)).find((holder) => holder !== undefined);
    if (winner) losers.push({ loser: contender, winner });
    else for (const place of places) taken.set(place, contender);
  }
  return losers;
}
