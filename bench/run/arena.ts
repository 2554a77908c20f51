import path from 'node:path';
import { Client } from 'pg';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../scripts/embedded-postgres.mjs';
import { LoadGenerator } from '../load/load-generator.js';
import { buildPrograms } from './build-programs.js';
import { Contender } from './contender.js';
import type { ContenderPlan } from './contender-plans.js';
import { StatementLog } from './statement-log.js';

/** The default of node-postgres and of TypeORM. */
const POOL_SIZE = 10;

/** One Postgres, one load generator, and every contender in a process and a database of its own. */
export class Arena {
  private readonly contenders = new Map<string, Contender>();
  private readonly databases = new Map<string, string>();

  private constructor(
    private readonly server: EmbeddedPostgres,
    private readonly programs: string,
    private readonly admin: Client,
    readonly load: LoadGenerator,
    readonly statements: StatementLog,
  ) {}

  static async open(): Promise<Arena> {
    const programs = buildPrograms();
    const statements = new StatementLog();
    const server = await startEmbeddedPostgres({ log: (line) => statements.take(line) });
    const admin = new Client({ connectionString: server.url() });
    await admin.connect();
    const load = LoadGenerator.start(path.join(programs, 'load-process.js'));
    return new Arena(server, programs, admin, load, statements);
  }

  async postgresVersion(): Promise<string> {
    const { rows } = await this.admin.query<{ server_version: string }>('SHOW server_version');
    return rows[0]!.server_version;
  }

  /** Statements of every contender go to the log, or no longer do. */
  async logStatements(isOn: boolean): Promise<void> {
    await this.admin.query(`ALTER SYSTEM SET log_statement = '${isOn ? 'all' : 'none'}'`);
    await this.admin.query(`ALTER SYSTEM SET log_line_prefix = '%d|'`);
    await this.admin.query('SELECT pg_reload_conf()');
    // Backends read the setting before their next statement, each for itself.
    await new Promise((resolve) => setTimeout(resolve, 100));
  }

  /** The contender of a plan; it runs until the arena closes. */
  async contender(plan: ContenderPlan): Promise<Contender> {
    const key = keyOf(plan);
    const running = this.contenders.get(key) ?? (await this.begin(plan));
    this.contenders.set(key, running);
    return running;
  }

  /** Another process of a contender, on the database that the first one has made. The caller stops it. */
  async again(plan: ContenderPlan): Promise<Contender> {
    await this.contender(plan);
    return this.begin(plan);
  }

  async dismiss(plan: ContenderPlan): Promise<void> {
    await this.contenders.get(keyOf(plan))?.stop();
    this.contenders.delete(keyOf(plan));
  }

  async close(): Promise<void> {
    this.load.stop();
    for (const contender of this.contenders.values()) await contender.stop();
    await this.admin.end();
    await this.server.stop();
  }

  private async begin(plan: ContenderPlan): Promise<Contender> {
    const known = this.databases.get(keyOf(plan));
    const database = known ?? `bench_${this.databases.size}`;
    if (known === undefined) {
      await this.admin.query(`CREATE DATABASE ${database}`);
      this.databases.set(keyOf(plan), database);
    }
    return Contender.start(plan, {
      programs: this.programs,
      database,
      setting: {
        databaseUrl: this.server.url(database),
        poolSize: POOL_SIZE,
        variant: plan.variant,
        isNew: known === undefined,
      },
    });
  }
}

function keyOf({ name, variant }: ContenderPlan): string {
  return `${name}: ${variant}`;
}
