import { DataSource } from 'typeorm';

const READ_ONLY = '-c default_transaction_read_only=on';
const LONGEST_CONNECT_MS = 10_000;

/** What a command does with the databases of the app. */
export type DatabaseAccess = 'read' | 'write';

type Initialize = (this: DataSource) => Promise<DataSource>;

/**
 * From its construction on no DataSource of this process migrates, synchronizes or drops, whatever the app's options say;
 * and unless a command writes, every connection of `pg` starts with read-only transactions, which Postgres enforces.
 */
export class HostDatabases {
  /** Rejects as soon as a DataSource fails. Nest's TypeORM module would go on trying for half a minute. */
  readonly failure: Promise<never>;
  private readonly opened: DataSource[] = [];
  private fail!: (error: unknown) => void;

  constructor(access: DatabaseAccess) {
    this.failure = new Promise((_resolve, reject) => {
      this.fail = reject;
    });
    this.failure.catch(() => undefined);
    if (access === 'read') {
      process.env.PGOPTIONS = [process.env.PGOPTIONS, READ_ONLY].filter(Boolean).join(' ');
    }
    const initialize = Reflect.get(DataSource.prototype, 'initialize') as Initialize;
    const open = (dataSource: DataSource) => this.open(dataSource, initialize);
    Object.assign(DataSource.prototype, {
      runMigrations: () => Promise.resolve([]),
      undoLastMigration: () => Promise.resolve(),
      synchronize: () => Promise.resolve(),
      dropDatabase: () => Promise.resolve(),
      initialize(this: DataSource): Promise<DataSource> {
        return open(this);
      },
    });
  }

  async close(): Promise<void> {
    await Promise.all(this.opened.splice(0).map((dataSource) => dataSource.destroy()));
  }

  private async open(dataSource: DataSource, initialize: Initialize): Promise<DataSource> {
    Object.assign(dataSource.options, {
      connectTimeoutMS: LONGEST_CONNECT_MS,
      ...dataSource.options,
      installExtensions: false,
    });
    try {
      await initialize.call(dataSource);
    } catch (error) {
      this.fail(error);
      throw error;
    }
    this.opened.push(dataSource);
    return dataSource;
  }
}
