import type { CheckedTables } from './names.js';

interface CheckedDatabase {
  readonly sets: Map<string, CheckedTables>;
  readonly left: Map<string, string>;
}

/** What is known of each database of this process, by its name: an app may reach it through a proxy. */
const databases = new Map<string, CheckedDatabase>();

function database(url: string): CheckedDatabase {
  const name = new URL(url).pathname;
  const known = databases.get(name) ?? { sets: new Map(), left: new Map() };
  databases.set(name, known);
  return known;
}

/** Has the checker look at these tables too. Apps that share their tables are looked at once. */
export function checkTables(url: string, tables: CheckedTables): void {
  database(url).sets.set(tables.links.path, tables);
}

/**
 * For a test that breaks things on purpose and cannot heal them: the checker then expects this to be wrong.
 * @param rule the beginning of its name.
 */
export function leaveBroken(url: string, rule: string, why: string): void {
  database(url).left.set(rule, why);
}

export function setsIn(url: string): CheckedTables[] {
  return [...database(url).sets.values()];
}

export function brokenIn(url: string): string[] {
  return [...database(url).left.keys()];
}

export function forgetDatabase(url: string): void {
  databases.delete(new URL(url).pathname);
}
