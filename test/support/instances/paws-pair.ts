import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { Client } from 'pg';
import { freePort } from '../../example/paws-process.js';
import { type CheckedTables, USUAL_TABLES } from '../checker/names.js';
import { FaultyProxy } from '../faulty-proxy.js';
import { HttpClient } from '../http-client.js';
import { RaceProcess } from '../race-process.js';

const BASE_URL = 'http://paws.example';
/** Retries that a test can wait for. An attempt belongs to its instance for as long as the lease. */
const LINKING = {
  timeoutMs: 4_000,
  leaseMs: 5_000,
  everyMs: 200,
  firstDelayMs: 100,
  maxDelayMs: 1_000,
};

/** The tables of the example, for the checker. */
export const PAWS_TABLES: CheckedTables = {
  ...USUAL_TABLES,
  soft: [{ path: 'visit_log', column: 'actor_id' }],
};

/** One instance of the example: a process, and a network of its own to Postgres. Keeps its address over restarts. */
export class PawsInstance {
  private constructor(
    readonly proxy: FaultyProxy,
    private readonly variables: Readonly<Record<string, string>>,
    private running: RaceProcess,
  ) {}

  static async start(
    databaseUrl: string,
    variables: Readonly<Record<string, string>>,
  ): Promise<PawsInstance> {
    const proxy = await FaultyProxy.start(databaseUrl);
    const own = { ...variables, PORT: await freePort(), DATABASE_URL: proxy.databaseUrl };
    return new PawsInstance(proxy, own, await run(own));
  }

  get url(): string {
    return this.running.url;
  }

  get process(): RaceProcess {
    return this.running;
  }

  order(order: string, value?: unknown): Promise<unknown> {
    return this.running.tell({ order, value });
  }

  /** Starts it again at the same address, after it has been ended one way or another. */
  async restart(): Promise<void> {
    this.running = await run(this.variables);
  }

  async close(): Promise<void> {
    await this.running.kill();
    await this.proxy.close();
  }
}

/** Two instances of the example on one database. */
export class PawsPair {
  private constructor(
    readonly databaseUrl: string,
    readonly instances: readonly [PawsInstance, PawsInstance],
  ) {}

  static async start(
    databaseUrl: string,
    variables: Readonly<Record<string, string>> = {},
  ): Promise<PawsPair> {
    const shared = {
      AUTH_SECRET: randomBytes(32).toString('hex'),
      BASE_URL,
      LINKING: JSON.stringify(LINKING),
      REAP_EVERY_MS: '500',
      // Every visitor comes from one address.
      THROTTLE: 'off',
      ...variables,
    };
    const start = (adapter: string) =>
      PawsInstance.start(databaseUrl, { ...shared, HTTP_ADAPTER: adapter });
    return new PawsPair(databaseUrl, await Promise.all([start('express'), start('fastify')]));
  }

  /** The same person at either instance: whoever uses one has the cookies of the other. */
  browser(): readonly [HttpClient, HttpClient] {
    const [one, two] = this.instances.map(({ url }) => new HttpClient(url, { origin: BASE_URL }));
    return [one!, new HttpClient(two!.baseUrl, two!.defaults, one!.cookies)];
  }

  /** Asks the database directly, whatever the network of the instances does. */
  async sql<Row extends object>(text: string, parameters: unknown[] = []): Promise<Row[]> {
    const client = new Client(this.databaseUrl);
    client.on('error', () => undefined);
    await client.connect();
    try {
      return (await client.query<Row>(text, parameters)).rows;
    } finally {
      await client.end();
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.instances.map((instance) => instance.close()));
  }
}

function run(variables: Readonly<Record<string, string>>): Promise<RaceProcess> {
  return RaceProcess.start(join(import.meta.dirname, 'paws-instance.ts'), variables);
}
