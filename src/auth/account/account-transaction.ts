import type { DataSource, EntityManager } from 'typeorm';
import { AnonymousException } from '../../common/errors.js';
import {
  DEADLOCK_DETECTED,
  LOCK_NOT_AVAILABLE,
  runWaitingBriefly,
  sqlStateOf,
} from '../../common/sql.js';

/**
 * Runs what a person does to their own account. It gives way to merges and to transactions of the host.
 * @throws AnonymousException `TEMPORARILY_UNAVAILABLE` when they hold the account's row for too long; nothing is done then.
 */
export async function runForAccount<Result>(
  dataSource: DataSource,
  work: (manager: EntityManager) => Promise<Result>,
): Promise<Result> {
  try {
    return await runWaitingBriefly(dataSource, work);
  } catch (error) {
    const isBusy = [LOCK_NOT_AVAILABLE, DEADLOCK_DETECTED].includes(sqlStateOf(error) ?? '');
    throw isBusy ? new AnonymousException('TEMPORARILY_UNAVAILABLE', { cause: error }) : error;
  }
}
