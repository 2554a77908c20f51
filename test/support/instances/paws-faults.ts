import { setTimeout as wait } from 'node:timers/promises';
import { Client } from 'pg';
import { DEADLOCK_DETECTED, sqlStateOf } from '../../../src/common/sql.js';
import type { OwnServer } from './own-server.js';
import type { PawsInstance, PawsPair } from './paws-pair.js';

/** What a fault can break. */
export interface Site {
  readonly pair: PawsPair;
  readonly server: OwnServer;
  /** How long a fault lasts that lasts for a while. */
  readonly lastsMs: number;
  /** The instance that meets it, where only one does. */
  readonly victim: PawsInstance;
}

/** Something breaks, and is whole again when this resolves. */
export type Fault = (site: Site) => Promise<void>;

/** Somebody else's transaction, for a while. */
async function locking({ server, lastsMs }: Site, ...statements: string[]): Promise<void> {
  const client = new Client(server.databaseUrl);
  client.on('error', () => undefined);
  await client.connect();
  try {
    await client.query('BEGIN');
    for (const statement of statements) await client.query(statement);
    await wait(lastsMs);
    await client.query('ROLLBACK');
  } catch (error) {
    // Whoever locks whole tables may be the one whom Postgres picks; then this was a deadlock, and a short one.
    if (sqlStateOf(error) !== DEADLOCK_DETECTED) throw error;
  } finally {
    await client.end();
  }
}

async function role({ server, lastsMs }: Site, change: string, back: string): Promise<void> {
  await server.alterRole(change);
  await wait(lastsMs);
  await server.alterRole(back);
}

/** By what happens. */
export const PAWS_FAULTS: Readonly<Record<string, Fault>> = {
  'an instance is killed': async ({ victim, lastsMs }) => {
    await victim.process.kill();
    await wait(lastsMs);
    await victim.restart();
  },
  'Postgres crashes and starts again': async ({ server }) => {
    await server.kill();
    await server.startAgain();
  },
  'Postgres is stopped for a while': async ({ server, lastsMs }) => {
    await server.stop();
    await wait(lastsMs);
    await server.startAgain();
  },
  'Postgres ends a connection, then all': async ({ server, lastsMs }) => {
    await server.disconnectApps(1);
    await wait(lastsMs);
    await server.disconnectApps();
  },
  'the network loses COMMITs and their answers': async ({ pair, lastsMs }) => {
    for (const { proxy } of pair.instances) {
      for (const statement of ['merge_step', '"sessions"', '"identities"']) {
        for (const fault of ['cut-after', 'cut-before'] as const) {
          proxy.onCommitAfter(statement, fault);
        }
      }
      for (const fault of ['cut-after', 'cut-before'] as const) {
        proxy.onStatement('begun AS (INSERT', fault);
      }
    }
    await wait(lastsMs);
    for (const { proxy } of pair.instances) proxy.up();
  },
  'the network swallows everything': async ({ victim: { proxy }, lastsMs }) => {
    proxy.silence();
    await wait(lastsMs);
    proxy.up();
  },
  'the network takes 300 ms for a round trip': async ({ pair, lastsMs }) => {
    for (const { proxy } of pair.instances) proxy.slow(150);
    await wait(2 * lastsMs);
    for (const { proxy } of pair.instances) proxy.up();
  },
  'every connection waits for a lock': (site) =>
    locking(site, 'LOCK TABLE users, sessions IN ACCESS EXCLUSIVE MODE'),
  'Postgres takes no more connections': (site) =>
    role(site, 'CONNECTION LIMIT 3', 'CONNECTION LIMIT -1'),
  'statements may take 50 ms': (site) =>
    role(site, 'SET statement_timeout = 50', 'RESET statement_timeout'),
  'somebody holds the accounts': (site) =>
    locking(site, 'SELECT 1 FROM users WHERE NOT is_anonymous FOR UPDATE'),
  'somebody holds the guests': (site) =>
    locking(site, 'SELECT 1 FROM users WHERE is_anonymous FOR UPDATE'),
  'a migration holds a table': (site) => locking(site, 'LOCK TABLE pet IN ACCESS EXCLUSIVE MODE'),
  'everything is serializable': (site) =>
    role(
      site,
      `SET default_transaction_isolation = 'serializable'`,
      'RESET default_transaction_isolation',
    ),
  'Postgres can only be read': (site) =>
    role(site, 'SET default_transaction_read_only = on', 'RESET default_transaction_read_only'),
  'an instance is asked to stop': async ({ victim }) => {
    const { process } = victim;
    const before = performance.now();
    const code = await process.terminate();
    const tookMs = Math.round(performance.now() - before);
    await victim.restart();
    if (code !== 0) throw new Error(`ended with ${code} after ${tookMs} ms: ${process.errors}`);
  },
  'an instance stands still with merges begun': async ({ victim, lastsMs }) => {
    await victim.order('hold');
    await wait(lastsMs / 2);
    victim.process.pause();
    // Longer than the lease of a link, so that the other instance takes over what this one has begun.
    await wait(6_000);
    victim.process.resume();
    await victim.order('release');
  },
  'an instance does nothing else for 5 s': async ({ victim }) => {
    await victim.order('block', 5_000);
  },
};
