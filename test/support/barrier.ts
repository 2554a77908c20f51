/** Longer than anything here takes, shorter than a test may. */
const PATIENCE_MS = 8_000;

/** A place where code under test stops until the test lets it go on. */
export class Barrier {
  private readonly waiting: (() => void)[] = [];
  private arrivals = 0;
  private isOpen = false;

  /** For the code under test. */
  pass(): Promise<void> {
    this.arrivals += 1;
    if (this.isOpen) return Promise.resolve();
    return new Promise((resolve) => this.waiting.push(resolve));
  }

  /** For the test: resolves once that many have come here. */
  async reached(times = 1): Promise<void> {
    await eventually(`${times} at the barrier`, () => this.arrivals >= times);
  }

  /** Lets everybody through, those who come later too. */
  open(): void {
    this.isOpen = true;
    for (const resolve of this.waiting.splice(0)) resolve();
  }
}

/** Asks again and again until the answer is not falsy, and gives it; fails when it takes too long. */
export async function eventually<Answer>(
  what: string,
  ask: () => Answer | Promise<Answer>,
  withinMs = PATIENCE_MS,
): Promise<Exclude<Answer, false | 0 | '' | null | undefined>> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    const answer = await ask();
    if (answer) return answer as Exclude<Answer, false | 0 | '' | null | undefined>;
    if (performance.now() > deadline) throw new Error(`not within ${withinMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
