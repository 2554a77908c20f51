import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';

/**
 * What happens to a COMMIT, or to a statement that stands alone: it never arrives, or Postgres does it and the answer is lost, either with the connection or so
 * that nobody notices.
 */
export type CommitFault = 'cut-before' | 'cut-after' | 'swallow';

/** Every merge sets this, and no other transaction does. */
const MERGE = 'client_connection_check_interval';
const COMMIT = 'COMMIT\0';
const ROLLBACK = 'ROLLBACK\0';
/** A prepared statement: its name, and the text when it comes for the first time. */
const NAMED = /(na_\d+_[0-9a-f]{32})\0(?:([^\0]+)\0)?/;

/** The network between an app and its Postgres. Faultless until a test wants otherwise. */
export class FaultyProxy {
  /** What awaits the next merges, one each. */
  readonly faults: CommitFault[] = [];
  /** What awaits the next transactions with such a statement, one each. */
  private readonly plans: { readonly statement: string; readonly fault: CommitFault }[] = [];
  /** What awaits the next statements with such a text, which stand alone, one each. */
  private readonly alone: { readonly text: string; readonly fault: CommitFault }[] = [];
  /** Texts of prepared statements by their name, which says no more than the text. */
  private readonly texts = new Map<string, string>();
  private readonly sockets = new Set<Socket>();
  private readonly deaf = new WeakSet<Socket>();
  private isDown = false;
  private isSilent = false;
  private delayMs = 0;

  private constructor(
    private readonly server: Server,
    private readonly target: URL,
  ) {
    server.on('connection', (app) => this.join(app));
  }

  static async start(databaseUrl: string): Promise<FaultyProxy> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new FaultyProxy(server, new URL(databaseUrl));
  }

  get databaseUrl(): string {
    const url = new URL(this.target);
    url.hostname = '127.0.0.1';
    url.port = String((this.server.address() as AddressInfo).port);
    return url.href;
  }

  /** The COMMIT of the next transaction that has a statement with this text meets a fault. */
  onCommitAfter(statement: string, fault: CommitFault): void {
    this.plans.push({ statement, fault });
  }

  /** The next statement with this text, which stands alone, meets a fault. */
  onStatement(text: string, fault: CommitFault): void {
    this.alone.push({ text, fault });
  }

  /** Whether every fault that was planned has happened. */
  get isSpent(): boolean {
    return this.faults.length + this.plans.length + this.alone.length === 0;
  }

  /** Breaks off every connection. New ones work. */
  cut(): void {
    for (const socket of this.sockets) socket.destroy();
  }

  /** Breaks off every connection, and every new one until the network is {@link up}. */
  down(): void {
    this.isDown = true;
    this.cut();
  }

  /** Half open: every connection, new ones too, stays, and nothing comes through any more. */
  silence(): void {
    this.isSilent = true;
  }

  /** New connections work; those that were {@link silence | silent} stay so for good. */
  deafen(): void {
    for (const socket of this.sockets) this.deaf.add(socket);
    this.isSilent = false;
  }

  /** Each way takes this long. */
  slow(delayMs: number): void {
    this.delayMs = delayMs;
  }

  /** Everything works again. What was swallowed is lost, so connections that were silent are broken off. */
  up(): void {
    if (this.isSilent) this.cut();
    this.isDown = false;
    this.isSilent = false;
    this.delayMs = 0;
    this.faults.length = 0;
    this.plans.length = 0;
    this.alone.length = 0;
  }

  async close(): Promise<void> {
    this.server.close();
    this.cut();
    await once(this.server, 'close');
  }

  private join(app: Socket): void {
    app.on('error', () => undefined);
    if (this.isDown) {
      app.destroy();
      return;
    }
    const postgres = connect(Number(this.target.port), this.target.hostname);
    const both = [app, postgres];
    for (const socket of both) {
      this.sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        this.sockets.delete(socket);
        for (const each of both) each.destroy();
      });
    }
    let said = '';
    let fault: CommitFault | undefined;
    const [toPostgres, toApp] = [this.lane(postgres), this.lane(app)];
    app.on('data', (data) => {
      const message = data.toString('latin1');
      said += message;
      fault ??= this.faultOfStatement(message);
      if (said.endsWith(COMMIT)) {
        fault = this.faultOf(said);
        said = '';
      } else if (said.endsWith(ROLLBACK)) {
        // What comes next on this connection is another transaction.
        said = '';
      }
      if (fault === 'cut-before') app.destroy();
      else toPostgres(data);
    });
    postgres.on('data', (data) => {
      if (fault === undefined) toApp(data);
      else if (fault === 'cut-after') app.destroy();
    });
  }

  private faultOfStatement(message: string): CommitFault | undefined {
    const [, name, text] = NAMED.exec(message) ?? [];
    if (name !== undefined && text !== undefined) this.texts.set(name, text);
    const said = (name !== undefined && this.texts.get(name)) || message;
    const planned = this.alone.findIndex((plan) => said.includes(plan.text));
    return planned < 0 ? undefined : this.alone.splice(planned, 1)[0]!.fault;
  }

  private faultOf(transaction: string): CommitFault | undefined {
    const planned = this.plans.findIndex(({ statement }) => transaction.includes(statement));
    if (planned >= 0) return this.plans.splice(planned, 1)[0]!.fault;
    return transaction.includes(MERGE) ? this.faults.shift() : undefined;
  }

  /** One direction of a connection: whatever the delay, in order. */
  private lane(to: Socket): (data: Buffer) => void {
    let last = Promise.resolve();
    return (data) => {
      if (this.isSilent || this.deaf.has(to)) return;
      const arrival = this.delayMs > 0 ? wait(this.delayMs) : undefined;
      last = last.then(async () => {
        await arrival;
        if (!this.isSilent && !this.deaf.has(to) && !to.destroyed) to.write(data);
      });
    };
  }
}
