import { setTimeout as wait } from 'node:timers/promises';
import {
  DEADLOCK_DETECTED,
  LOCK_NOT_AVAILABLE,
  SERIALIZATION_FAILURE,
  sqlStateOf,
  UNIQUE_VIOLATION,
} from '../../common/sql.js';
import { isOutdatedStatement } from '../../users/prepared-statements.js';

/**
 * Serialization failure, deadlock, lock timeout, and a row that the account wrote after the merge had looked for collisions:
 * the same merge succeeds once the other transaction has ended.
 */
const TRANSIENT: ReadonlySet<string | undefined> = new Set([
  SERIALIZATION_FAILURE,
  DEADLOCK_DETECTED,
  LOCK_NOT_AVAILABLE,
  UNIQUE_VIOLATION,
]);

export function isTransient(error: unknown): boolean {
  return TRANSIENT.has(sqlStateOf(error)) || isOutdatedStatement(error);
}

/** A short pause that differs between competitors, so that they do not meet again at once. */
export function jitter(start: number): Promise<void> {
  return wait(Math.random() * 30 * start);
}
