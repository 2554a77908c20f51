import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { Client } from 'pg';
import type { Setting } from '../programs/setting.js';
import { ORIGIN } from '../programs/setting.js';
import type { ContenderPlan } from './contender-plans.js';
import type { Cookie, Dialect } from './dialect.js';

/** Somebody who has signed in: their id, and what they send. */
export interface Person {
  readonly id: string;
  readonly cookie: string;
}

interface AnswerOfProcess {
  readonly id: number;
  readonly result?: unknown;
  readonly error?: string;
}

/** A contender that runs, in a process of its own with a database of its own. */
export class Contender {
  private asked = 0;
  private readonly waiting = new Map<number, (answer: AnswerOfProcess) => void>();

  private constructor(
    readonly name: string,
    readonly dialect: Dialect,
    readonly database: string,
    readonly port: number,
    private readonly process: ChildProcess,
    /** A connection to its database that the contender knows nothing of. */
    readonly sql: Client,
  ) {
    process.on('message', (answer: AnswerOfProcess) => {
      this.waiting.get(answer.id)?.(answer);
      this.waiting.delete(answer.id);
    });
  }

  static async start(
    plan: ContenderPlan,
    { programs, database, setting }: { programs: string; database: string; setting: Setting },
  ): Promise<Contender> {
    const child = fork(path.join(programs, plan.program), [JSON.stringify(setting)], {
      // For a closer look at contenders: `BENCH_NODE_ARGS=--cpu-prof npm run bench -- --only issue-16`.
      execArgv: ['--expose-gc', ...(process.env.BENCH_NODE_ARGS?.split(' ') ?? [])],
      env: { ...process.env, NODE_ENV: 'production', BETTER_AUTH_TELEMETRY: '0' },
    });
    const [{ port }] = (await Promise.race([
      once(child, 'message'),
      once(child, 'exit').then(([code]) => {
        throw new Error(`${plan.name} ended with exit code ${code} before it was ready`);
      }),
    ])) as [{ port: number }];
    const sql = new Client({ connectionString: setting.databaseUrl });
    await sql.connect();
    return new Contender(plan.name, plan.dialect, database, port, child, sql);
  }

  async ask<Answer>(action: string, argument?: unknown): Promise<Answer> {
    const id = (this.asked += 1);
    const answer = new Promise<AnswerOfProcess>((resolve) => this.waiting.set(id, resolve));
    this.process.send({ id, action, argument });
    const { result, error } = await answer;
    if (error !== undefined) throw new Error(`${this.name}: ${error}`);
    return result as Answer;
  }

  /** Sends one request outside of any measurement. */
  async post(url: string, cookie: Cookie, body: object): Promise<Response> {
    const response = await fetch(`http://127.0.0.1:${this.port}${url}`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        origin: ORIGIN,
        ...(cookie === undefined ? {} : { cookie }),
      },
      body: JSON.stringify(body),
    });
    if (!response.ok) {
      throw new Error(`${this.name}: ${url} answered ${response.status}: ${await response.text()}`);
    }
    return response;
  }

  async get(url: string, cookie: Cookie): Promise<Response> {
    const headers = cookie === undefined ? undefined : { cookie };
    const response = await fetch(`http://127.0.0.1:${this.port}${url}`, { headers });
    if (!response.ok) throw new Error(`${this.name}: ${url} answered ${response.status}`);
    return response;
  }

  async guest(): Promise<Person> {
    return personOf(await this.post(this.dialect.issue.path, undefined, {}));
  }

  async account(email: string): Promise<Person> {
    const body = { email, password: PASSWORD, name: 'Somebody' };
    return personOf(await this.post(this.dialect.signUp, undefined, body));
  }

  async stop(): Promise<void> {
    await this.sql.end();
    if (this.process.exitCode !== null || this.process.signalCode !== null) return;
    const exited = once(this.process, 'exit');
    this.process.disconnect();
    await exited;
  }
}

export const PASSWORD = 'a long pass phrase';

async function personOf(response: Response): Promise<Person> {
  const cookie = response.headers
    .getSetCookie()
    .map((line) => line.split(';', 1)[0]!)
    .join('; ');
  const { user } = (await response.json()) as { user: { id: string } };
  return { id: user.id, cookie };
}
