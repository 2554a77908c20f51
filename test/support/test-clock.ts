import { Clock } from '../../src/index.js';

/** The application's clock, which a test can put forward. Postgres keeps its own. */
export class TestClock extends Clock {
  private aheadMs = 0;

  override now(): Date {
    return new Date(Date.now() + this.aheadMs);
  }

  advance({ days = 0, hours = 0, seconds = 0 }): void {
    this.aheadMs += ((days * 24 + hours) * 3600 + seconds) * 1000;
  }

  reset(): void {
    this.aheadMs = 0;
  }
}
