import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import type { Load, LoadResult } from './load.js';

/** Sends requests from a process of its own, so that neither the bench nor a contender pays for it. */
export class LoadGenerator {
  private constructor(private readonly process: ChildProcess) {}

  static start(program: string): LoadGenerator {
    return new LoadGenerator(fork(program, [], { execArgv: [] }));
  }

  /** @throws Error when an answer has another status than the expected one. */
  async run(load: Load): Promise<LoadResult> {
    this.process.send(load);
    const [message] = (await once(this.process, 'message')) as [
      { result?: LoadResult; error?: string },
    ];
    if (message.result) return message.result;
    throw new Error(message.error);
  }

  stop(): void {
    this.process.disconnect();
  }
}
