import { EventEmitter, once } from 'node:events';
import {
  LinkPolicy,
  type MergeContext,
  type PasswordHashing,
  ReaperService,
  ReconcilerService,
} from '../../src/index.js';
import { FaultyProxy } from '../support/faulty-proxy.js';
import { Note } from '../support/host.js';
import { handlerOf, moveNotes } from '../support/links.js';
import { createTestApp, type TestApp } from '../support/test-app.js';
import { BelongingsController, SCHEMA, TABLES } from './belongings.js';
import type { Fate, Policy } from './product.js';
import { CLAIM_DAYS, GUEST_DAYS, SESSION_DAYS } from './cast.js';

/** More merges than one step can try. */
const MOST_FAULTS = 9;

const plain: PasswordHashing = {
  hash: (password) => Promise.resolve(`plain:${password}`),
  verify: (hash, password) => Promise.resolve(hash === `plain:${password}`),
};

/** The app, behind a network that can fail. When it dies another one takes its place on the same database. */
export class Server {
  policy: Policy = 'merge';
  private fate: Fate = 'works';
  private readonly trap = new EventEmitter();
  private app!: TestApp;
  private proxy!: FaultyProxy;

  constructor(private readonly databaseUrl: string) {}

  get url(): string {
    return this.app.url;
  }

  get reaper(): ReaperService {
    return this.app.app.get(ReaperService);
  }

  get reconciler(): ReconcilerService {
    return this.app.app.get(ReconcilerService);
  }

  async start(): Promise<void> {
    this.proxy = await FaultyProxy.start(this.databaseUrl);
    this.app = await createTestApp({
      databaseUrl: this.proxy.databaseUrl,
      poolSize: 4,
      schema: SCHEMA,
      tables: TABLES,
      controllers: [BelongingsController],
      providers: [this.handler()],
      extras: { linkPolicy: this.linkPolicy() },
      options: {
        guest: { expiresIn: `${GUEST_DAYS}d`, claimWithin: `${CLAIM_DAYS}d` },
        session: { expiresIn: `${SESSION_DAYS}d` },
        password: { hash: plain },
        linking: {
          budget: '30s',
          consentWithin: '3650d',
          // Only a step takes links up again, and however often a merge has failed, it is not given up.
          retry: { every: '1h', firstDelay: '1ms', attempts: 1_000 },
        },
      },
    });
  }

  async stop(): Promise<void> {
    await this.app.close();
    await this.proxy.close();
  }

  /** Does something in which merges meet their fate. `undefined`: the process has died over it. */
  async under<Answer>(fate: Fate, work: () => Promise<Answer>): Promise<Answer | undefined> {
    this.fate = fate;
    const fault = ({ 'commit-lost': 'cut-before', 'answer-lost': 'cut-after' } as const)[
      fate as string
    ];
    if (fault) this.proxy.faults.push(...Array.from({ length: MOST_FAULTS }, () => fault));
    const over = new AbortController();
    const held = once(this.trap, 'held', { signal: over.signal }).then(
      () => undefined,
      () => undefined,
    );
    const answer = work();
    try {
      const first = await Promise.race([answer, held]);
      if (first === undefined && this.trap.listenerCount('release') > 0) await this.die(answer);
      return first;
    } finally {
      over.abort();
      this.fate = 'works';
      this.proxy.faults.length = 0;
    }
  }

  /** As `kill -9` looks from outside: no more statements, no more answers. */
  private async die(answer: Promise<unknown>): Promise<void> {
    const [app, proxy] = [this.app, this.proxy];
    proxy.down();
    this.fate = 'works';
    await this.start();
    this.trap.emit('release');
    await answer.catch(() => undefined);
    await app.close();
    await proxy.close();
  }

  /** Meets its fate when the rows have moved already. */
  private handler() {
    return handlerOf(Note, async (context: MergeContext) => {
      await moveNotes(context);
      if (this.fate === 'handler-fails') throw new Error('the handler fails');
      if (this.fate !== 'crash') return;
      const released = once(this.trap, 'release');
      this.trap.emit('held');
      await released;
    });
  }

  private linkPolicy() {
    const decide = () => this.policy;
    return class ScriptedPolicy extends LinkPolicy {
      override decide(): Policy {
        return decide();
      }
    };
  }
}
