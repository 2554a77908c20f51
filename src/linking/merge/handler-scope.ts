import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { AsyncLocalStorage } from 'node:async_hooks';
import { DataSource } from 'typeorm';
import { USERS_DATA_SOURCE } from '../../users/users.tokens.js';
import { MergeHandlerError } from './merge.errors.js';

interface Scope {
  readonly handler: string;
  /** Kept apart from the throw, because the handler may swallow that. */
  offence?: MergeHandlerError;
}

/**
 * Keeps a merge handler on the connection of its merge. A query on another one could wait for a lock that the merge holds,
 * which no deadlock detector sees, and would stay when the merge is undone.
 */
@Injectable()
export class HandlerScope implements OnModuleInit {
  private readonly scopes = new AsyncLocalStorage<Scope>();

  constructor(@Inject(USERS_DATA_SOURCE) private readonly dataSource: DataSource) {}

  /** Every other connection of the DataSource, however it is asked for, comes from this one method. */
  onModuleInit(): void {
    const create = this.dataSource.createQueryRunner.bind(this.dataSource);
    this.dataSource.createQueryRunner = (mode) => {
      const scope = this.scopes.getStore();
      if (!scope) return create(mode);
      scope.offence = new MergeHandlerError(
        scope.handler,
        'asked the DataSource for another connection. Read and write only through the `manager` of its context.',
      );
      throw scope.offence;
    };
  }

  /** @throws MergeHandlerError when the handler left its connection, even if it caught the error. */
  async run<Result>(handler: string, work: () => Promise<Result>): Promise<Result> {
    const scope: Scope = { handler };
    const result = await this.scopes.run(scope, work);
    if (scope.offence) throw scope.offence;
    return result;
  }
}
