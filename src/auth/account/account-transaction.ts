import type { DataSource, EntityManager } from 'typeorm';
import { AnonymousException } from '../../common/errors.js';
import {
  DEADLOCK_DETECTED,
  LOCK_NOT_AVAILABLE,
  runInTransaction,
  sqlStateOf,
} from '../../common/sql.js';

/** For somebody who holds the account's row: waiting longer would keep a connection from everybody else. */
const LOCK_TIMEOUT_MS = 2_000;

/**
 * Runs what a person does to their own account. It gives way to merges and to transactions of the host.
 * @throws AnonymousException `TEMPORARILY_UNAVAILABLE` when they hold the account's row for too long; nothing is done then.
 */
export async function runForAccount<Result>(
  dataSource: DataSource,
  work: (manager: EntityManager) => Promise<Result>,
): Promise<Result> {
  try {
    return await runInTransaction(dataSource, async (manager) => {
      await manager.query(`SET LOCAL lock_timeout = ${LOCK_TIMEOUT_MS}`);
      return work(manager);
    });
  } catch (error) {
    const isBusy = [LOCK_NOT_AVAILABLE, DEADLOCK_DETECTED].includes(sqlStateOf(error) ?? '');
    throw isBusy ? new AnonymousException('TEMPORARILY_UNAVAILABLE', { cause: error }) : error;
  }
}
