import { Client } from 'pg';
import { eventually } from './barrier.js';

const opened = new Set<RawConnection>();

/** A connection beside the app's pool: somebody else's transaction, or an observer. */
export class RawConnection {
  private constructor(
    private readonly client: Client,
    private readonly observer: Client,
    readonly pid: number,
  ) {}

  static async open(databaseUrl: string): Promise<RawConnection> {
    const [client, observer] = [new Client(databaseUrl), new Client(databaseUrl)];
    for (const one of [client, observer]) {
      one.on('error', () => undefined);
      await one.connect();
    }
    const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
    const connection = new RawConnection(client, observer, rows[0]!.pid);
    opened.add(connection);
    return connection;
  }

  async query<Row extends object = Record<string, unknown>>(
    sql: string,
    parameters?: unknown[],
  ): Promise<Row[]> {
    return (await this.client.query<Row>(sql, parameters)).rows;
  }

  /** Resolves once that many other connections wait for a lock that this one holds. */
  async blocks(others = 1): Promise<void> {
    await eventually(`${others} waiting for the raw connection`, async () => {
      const { rows } = await this.observer.query(
        'SELECT 1 FROM pg_stat_activity WHERE $1 = ANY (pg_blocking_pids(pid))',
        [this.pid],
      );
      return rows.length >= others;
    });
  }

  async close(): Promise<void> {
    opened.delete(this);
    await Promise.all([this.client.end(), this.observer.end()]);
  }
}

/** For `afterEach`: what a failed test has left open must not block the next. */
export async function closeRawConnections(): Promise<void> {
  await Promise.all([...opened].map((connection) => connection.close()));
}

/** Other connections to this database that wait for a lock somebody holds, by what they do. */
export async function waitingStatements(databaseUrl: string): Promise<string[]> {
  const client = new Client(databaseUrl);
  await client.connect();
  try {
    const { rows } = await client.query<{ query: string }>(
      `SELECT query FROM pg_stat_activity
       WHERE datname = current_database() AND cardinality(pg_blocking_pids(pid)) > 0`,
    );
    return rows.map(({ query }) => query);
  } finally {
    await client.end();
  }
}
