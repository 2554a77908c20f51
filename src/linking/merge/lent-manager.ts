import { setImmediate as immediate } from 'node:timers/promises';
import type { DataSource, EntityManager, QueryRunner } from 'typeorm';
import { MergeHandlerError } from './merge.errors.js';

const ENDS_THE_TRANSACTION =
  /^\s*(BEGIN|START|COMMIT|END|ABORT|PREPARE\s+TRANSACTION|ROLLBACK(?!\s+(WORK\s+|TRANSACTION\s+)?TO\b))\b/i;

/** Whichever of its overloads is called. */
interface AnyQueryRunner {
  query(sql: string, ...rest: unknown[]): Promise<unknown>;
}

/**
 * The connection of a merge in the hands of one handler. It can be used but neither ended nor kept: a query behind the
 * handler's return would land after its proof, in another handler's savepoint or outside the transaction.
 */
export class LentManager {
  readonly manager: EntityManager;
  private readonly running = new Set<Promise<void>>();
  private isBack = false;

  constructor(
    dataSource: DataSource,
    private readonly runner: QueryRunner,
    private readonly handler: string,
  ) {
    const lent = Object.create(runner) as {
      -readonly [Key in keyof QueryRunner]: QueryRunner[Key];
    };
    lent.query = ((sql: string, ...rest: unknown[]) =>
      this.query(sql, rest)) as QueryRunner['query'];
    lent.stream = (...args) => this.use(() => runner.stream(...args));
    lent.release = () => Promise.reject(this.offence('must not release its connection.'));
    this.manager = dataSource.createEntityManager(lent);
    lent.manager = this.manager;
  }

  /**
   * Ends the loan.
   * @throws MergeHandlerError when a query was still running, after it has ended.
   */
  async takeBack(): Promise<void> {
    const isEarly = this.running.size > 0;
    // Whatever the handler started goes on until it ends by itself: cut off, it would reject with nobody listening.
    while (this.running.size > 0) {
      await Promise.all(this.running);
      await immediate();
    }
    this.isBack = true;
    if (isEarly)
      throw this.offence(
        'returned before its queries had ended. An `await` is missing in merge().',
      );
  }

  private query(sql: string, rest: unknown[]): Promise<unknown> {
    if (ENDS_THE_TRANSACTION.test(sql)) {
      return Promise.reject(this.offence('must not end the transaction of the merge.'));
    }
    const runner = this.runner as unknown as AnyQueryRunner;
    return this.use(() => runner.query(sql, ...rest));
  }

  private use<Result>(work: () => Promise<Result>): Promise<Result> {
    if (this.isBack) {
      return Promise.reject(
        this.offence('sent a query after it had returned. An `await` is missing in merge().'),
      );
    }
    const result = work();
    const ended = result.then(
      () => undefined,
      () => undefined,
    );
    this.running.add(ended);
    void ended.then(() => this.running.delete(ended));
    return result;
  }

  private offence(reason: string): MergeHandlerError {
    return new MergeHandlerError(this.handler, reason);
  }
}
