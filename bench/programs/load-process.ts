import { connect, type Socket } from 'node:net';
import { AnswerReader } from '../load/answer-reader.js';
import type { Load, LoadResult } from '../load/load.js';

/** Keeps connections busy, one request at a time on each, and looks at every answer's status. Does little, to cost little. */
class LoadRun {
  private readonly requests: readonly Buffer[];
  private readonly latencies: number[] = [];
  private next = 0;
  private deadline = Infinity;

  constructor(private readonly load: Load) {
    this.requests = load.requests.map((text) => Buffer.from(text));
  }

  async run(): Promise<LoadResult> {
    const { connections, port, durationMs } = this.load;
    const sockets = await Promise.all(Array.from({ length: connections }, () => opened(port)));
    const start = performance.now();
    if (durationMs !== undefined) this.deadline = start + durationMs;
    try {
      await Promise.all(sockets.map((socket) => this.drive(socket)));
    } finally {
      for (const socket of sockets) socket.destroy();
    }
    const ms = performance.now() - start;
    return {
      answers: this.latencies.length,
      ms,
      latencies: this.latencies.toSorted((a, b) => a - b),
    };
  }

  private drive(socket: Socket): Promise<void> {
    const reader = new AnswerReader();
    let sent = 0;
    return new Promise((resolve, reject) => {
      const send = () => {
        const request = this.take();
        if (!request) return resolve();
        sent = performance.now();
        socket.write(request);
      };
      socket.on('data', (chunk) => {
        const status = reader.read(chunk);
        if (status === undefined) return;
        if (status !== this.load.status)
          return reject(new Error(`an answer with ${status}: ${chunk.toString()}`));
        this.latencies.push(performance.now() - sent);
        send();
      });
      socket.on('error', reject);
      socket.on('close', () => reject(new Error('the server has closed a connection')));
      send();
    });
  }

  private take(): Buffer | undefined {
    if (performance.now() >= this.deadline) return undefined;
    const isOver = this.load.durationMs === undefined && this.next >= this.requests.length;
    if (isOver) return undefined;
    return this.requests[this.next++ % this.requests.length];
  }
}

function opened(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    socket.once('connect', () => resolve(socket));
    socket.once('error', reject);
  });
}

process.on('message', (load: Load) => {
  new LoadRun(load).run().then(
    (result) => process.send?.({ result }),
    (error: unknown) => process.send?.({ error: String(error) }),
  );
});
process.once('disconnect', () => process.exit());
