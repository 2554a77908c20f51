import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { Client } from 'pg';
import {
  type EmbeddedPostgres,
  startEmbeddedPostgres,
} from '../../../scripts/embedded-postgres.mjs';
import { makeDataFolder } from '../data-folder.js';

const ROLE = 'paws';

/** A Postgres of a test's own, which may be killed. What it has committed survives that. */
export class OwnServer {
  private readonly password = randomBytes(12).toString('hex');
  private deadlocksHeard = 0;
  private server!: EmbeddedPostgres;

  private constructor(private readonly dataDir: string) {}

  static async start(): Promise<OwnServer> {
    const dataDir = makeDataFolder();
    const server = new OwnServer(dataDir);
    await server.open();
    await server.admin(`CREATE ROLE ${ROLE} LOGIN PASSWORD '${server.password}'`);
    await server.admin(`CREATE DATABASE ${ROLE} OWNER ${ROLE}`);
    return server;
  }

  /** As a role that owns the database and is no superuser, so that limits are for it too. */
  get databaseUrl(): string {
    const url = new URL(this.server.url(ROLE));
    url.username = ROLE;
    url.password = this.password;
    return url.href;
  }

  /** Over all of its starts. */
  get deadlocks(): number {
    return this.deadlocksHeard;
  }

  /** Changes the role of the apps, and has them connect anew. */
  async alterRole(change: string): Promise<void> {
    await this.admin(`ALTER ROLE ${ROLE} ${change}`);
    await this.disconnectApps();
  }

  async disconnectApps(most = 1_000): Promise<void> {
    await this.admin(`SELECT pg_terminate_backend(pid) FROM
      (SELECT pid FROM pg_stat_activity WHERE usename = '${ROLE}' ORDER BY random() LIMIT ${most}) a`);
  }

  /** As `pg_ctl stop -m immediate`: no checkpoint, no goodbye. */
  async kill(): Promise<void> {
    process.kill(this.server.pid, 'SIGQUIT');
    await this.server.stop();
  }

  /** Ends sessions and writes everything out, as for an update. */
  stop(): Promise<void> {
    return this.server.stop();
  }

  /** After {@link kill} or {@link stop}: at the same address. */
  startAgain(): Promise<void> {
    return this.open(this.server.port);
  }

  async admin(sql: string): Promise<void> {
    const client = new Client(this.server.url('postgres'));
    await client.connect();
    try {
      await client.query(sql);
    } finally {
      await client.end();
    }
  }

  async close(): Promise<void> {
    await this.server.stop();
    rmSync(this.dataDir, { recursive: true, force: true });
  }

  private async open(port?: number): Promise<void> {
    this.server = await startEmbeddedPostgres({
      dataDir: this.dataDir,
      port,
      log: (line) => {
        if (line.includes('deadlock detected')) this.deadlocksHeard += 1;
      },
    });
  }
}
