import { Client, type ClientConfig, type QueryConfig } from 'pg';

/**
 * Breaks a connection off that has not answered within `query_timeout`. Otherwise the pool would hand it out again, although
 * a network that swallows everything has made it worth nothing.
 */
export class ImpatientClient extends Client {
  constructor(config?: ClientConfig) {
    super(config);
    // Between the pool, which stops listening, and TypeORM, which is about to, an error would end the process. Both hear of
    // it all the same.
    this.on('error', () => undefined);
  }

  // The driver has an overload for each way to be called; TypeORM uses the one that gives a promise.
  override query(...call: [string | QueryConfig, ...unknown[]]): never {
    const result: unknown = super.query(...(call as [string]));
    return (result instanceof Promise ? this.watched(result) : result) as never;
  }

  private async watched(answer: Promise<unknown>): Promise<unknown> {
    try {
      return await answer;
    } catch (error) {
      if (error instanceof Error && error.message === 'Query read timeout') {
        void this.end().catch(() => undefined);
      }
      throw error;
    }
  }
}
