import type { Client } from 'pg';
import type { DataSource, EntityManager, QueryRunner } from 'typeorm';
import { startTransaction } from '../../common/sql.js';
import { LentManager } from './lent-manager.js';

/** Gives way to the host's own transactions: the merge is retried as a whole, they might not be. */
const LOCK_TIMEOUT_MS = 500;

/** The one connection of a merge, with its transaction. Can be destroyed when an attempt runs out of time. */
export class MergeConnection {
  private restoreDriver?: () => void;

  private constructor(
    private readonly dataSource: DataSource,
    private readonly runner: QueryRunner,
  ) {}

  /**
   * Runs `work` in one transaction on a connection of its own, READ COMMITTED.
   * @param signal destroys the connection when aborted, so that not even work that never ends keeps its locks.
   * @throws whatever went wrong, with nothing changed. Only an error of the COMMIT itself leaves that open.
   */
  static async transaction<Result>(
    dataSource: DataSource,
    timeoutMs: number,
    signal: AbortSignal,
    work: (connection: MergeConnection) => Promise<Result>,
  ): Promise<Result> {
    const connection = await MergeConnection.open(dataSource, signal);
    const destroy = () => void connection.destroy();
    signal.addEventListener('abort', destroy, { once: true });
    try {
      signal.throwIfAborted();
      await connection.begin(timeoutMs);
      const result = await work(connection);
      await connection.commit();
      return result;
    } catch (error) {
      if (!signal.aborted) await connection.rollback();
      throw error;
    } finally {
      signal.removeEventListener('abort', destroy);
      await connection.close();
    }
  }

  private static async open(dataSource: DataSource, signal: AbortSignal): Promise<MergeConnection> {
    const runner = dataSource.createQueryRunner();
    const connected = runner.connect();
    try {
      await abortable(connected, signal);
    } catch (error) {
      // The pool may still hand a connection over later; it must go back.
      void connected.then(
        () => runner.release(),
        () => undefined,
      );
      throw error;
    }
    return new MergeConnection(dataSource, runner);
  }

  get manager(): EntityManager {
    return this.runner.manager;
  }

  lend(handler: string): LentManager {
    return new LentManager(this.dataSource, this.runner, handler);
  }

  private async begin(timeoutMs: number): Promise<void> {
    this.restoreDriver = withoutReadTimeout((await this.runner.connect()) as Client);
    await startTransaction(
      this.runner,
      `SET LOCAL lock_timeout = ${LOCK_TIMEOUT_MS}; SET LOCAL statement_timeout = ${timeoutMs};
       SET LOCAL idle_in_transaction_session_timeout = ${timeoutMs};
       SET LOCAL client_connection_check_interval = 200`,
    );
  }

  private commit(): Promise<void> {
    return this.runner.commitTransaction();
  }

  /** Runs a step that either happens as a whole or fails the merge. A swallowed SQL error shows when the step ends. */
  async step<Result>(work: () => Promise<Result>): Promise<Result> {
    await this.runner.query('SAVEPOINT merge_step');
    const result = await work();
    await this.runner.query('RELEASE SAVEPOINT merge_step');
    return result;
  }

  /** Undoes everything; a connection that cannot even do that is broken off, which comes to the same. */
  private async rollback(): Promise<void> {
    if (!this.runner.isTransactionActive) return;
    await this.runner.rollbackTransaction().catch(() => this.destroy());
  }

  private async close(): Promise<void> {
    this.restoreDriver?.();
    if (!this.runner.isReleased) await this.runner.release();
  }

  /** Breaks the connection, whatever it is doing; Postgres undoes the transaction and drops its locks. */
  private async destroy(): Promise<void> {
    if (this.runner.isReleased) return;
    const client = (await this.runner.connect()) as Client;
    void client.end().catch(() => undefined);
    await this.runner.release();
  }
}

/**
 * Takes back what the host has told the driver about statements that answer late: a merge has its own timeout. Postgres is
 * told the same with the `statement_timeout` of the transaction.
 * @returns what restores it.
 */
function withoutReadTimeout(client: Client): () => void {
  const { connectionParameters: parameters } = client as unknown as {
    readonly connectionParameters: { query_timeout?: unknown };
  };
  const { query_timeout: timeout } = parameters;
  parameters.query_timeout = undefined;
  return () => {
    parameters.query_timeout = timeout;
  };
}

/** The promise, or a rejection as soon as the signal is aborted. */
export function abortable<Result>(promise: Promise<Result>, signal: AbortSignal): Promise<Result> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason as Error);
    if (signal.aborted) return abort();
    signal.addEventListener('abort', abort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}
