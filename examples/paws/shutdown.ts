import type { INestApplication } from '@nestjs/common';
import type { Server } from 'node:http';

type Close = () => Promise<unknown>;

const GRACE_MS = 10_000;

/** Ends what the program has started, the last first, and then the program. Once, however often it is asked. */
export class Shutdown {
  private readonly closers: Close[] = [];
  private hasBegun = false;

  get isUnderWay(): boolean {
    return this.hasBegun;
  }

  add(close: Close): void {
    this.closers.unshift(close);
  }

  onSignals(...signals: NodeJS.Signals[]): void {
    for (const signal of signals) process.on(signal, () => void this.run(0));
  }

  async run(exitCode: number): Promise<void> {
    if (this.hasBegun) return;
    this.hasBegun = true;
    setTimeout(() => process.exit(exitCode || 1), GRACE_MS).unref();
    for (const close of this.closers) {
      await close().catch((error: unknown) => console.error(error));
    }
    process.exit(exitCode);
  }
}

/** Lets requests end that are under way, but not for ever. */
export async function closeApp(app: INestApplication, patienceMs = 2_000): Promise<void> {
  const server = app.getHttpServer() as Server;
  const cut = setTimeout(() => server.closeAllConnections(), patienceMs);
  await app.close();
  clearTimeout(cut);
}
