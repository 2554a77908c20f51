import type { UserId } from '../../users/user.js';

/** The id of the user that a guard of the host has put on the request. */
export function userIdOf(user: unknown): UserId | undefined {
  const { userId, id, sub } = (user ?? {}) as { userId?: unknown; id?: unknown; sub?: unknown };
  return accountIdOf(userId ?? id ?? sub);
}

/** An id as this library has it, if the value can be one at all. */
export function accountIdOf(id: unknown): UserId | undefined {
  return typeof id === 'string' || typeof id === 'number' || typeof id === 'bigint'
    ? String(id)
    : undefined;
}
