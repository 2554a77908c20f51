import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/**
 * What happens to the COMMIT of a merge: it never arrives, or Postgres does it and the answer is lost, either with the
 * connection or so that nobody notices.
 */
export type CommitFault = 'cut-before' | 'cut-after' | 'swallow';

/** Every merge sets this, and no other transaction does. */
const MERGE = 'client_connection_check_interval';
const COMMIT = 'COMMIT\0';

/** The network between an app and its Postgres. Faultless until a test wants otherwise. */
export class FaultyProxy {
  /** What awaits the next merges, one each. */
  readonly faults: CommitFault[] = [];
  private readonly sockets = new Set<Socket>();
  private isDown = false;

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

  /** Breaks off every connection. New ones work. */
  cut(): void {
    for (const socket of this.sockets) socket.destroy();
  }

  /** Breaks off every connection, and every new one until the network is {@link up}. */
  down(): void {
    this.isDown = true;
    this.cut();
  }

  up(): void {
    this.isDown = false;
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
    app.on('data', (data) => {
      said += data.toString('latin1');
      if (said.endsWith(COMMIT)) {
        fault = said.includes(MERGE) ? this.faults.shift() : undefined;
        said = '';
      }
      if (fault === 'cut-before') app.destroy();
      else postgres.write(data);
    });
    postgres.on('data', (data) => {
      if (fault === undefined) app.write(data);
      else if (fault === 'cut-after') app.destroy();
    });
  }
}
