import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core';

/** Much shorter than a test may take, so that there is time for a picture of what went wrong. */
const PATIENCE_MS = 15_000;

/** Somebody with a browser of their own: its cookies, its tabs, and what its console said. */
export class Visitor {
  /** Everything that the console of any tab said. */
  readonly said: string[] = [];
  private readonly problems: string[] = [];

  private constructor(
    readonly name: string,
    readonly context: BrowserContext,
    private readonly origin: string,
  ) {
    context.setDefaultTimeout(PATIENCE_MS);
    // Violations of the content security policy are errors of the console too.
    context.on('console', (message) => {
      const { url } = message.location();
      const line = `${message.type()}: ${message.text()} (${url})`;
      this.said.push(line);
      if (message.type() === 'error') this.problems.push(line);
    });
    context.on('weberror', (error) => {
      const line = `uncaught: ${error.error().stack}`;
      this.said.push(line);
      this.problems.push(line);
    });
  }

  static async arrive(
    browser: Browser,
    name: string,
    origin: string,
    options: BrowserContextOptions = {},
  ): Promise<Visitor> {
    const context = await browser.newContext({
      viewport: { width: 1280, height: 900 },
      reducedMotion: 'reduce',
      ...options,
      baseURL: origin,
    });
    return new Visitor(name, context, origin);
  }

  /** A new tab that shows the example, or another page of it. */
  async open(path = '/'): Promise<Page> {
    const page = await this.context.newPage();
    await page.goto(path);
    return page;
  }

  /** Takes out the errors that the test wants: one at least. The console tells of every answer that is an error. */
  expectProblem(text: string): void {
    expect(this.problems.filter((line) => new RegExp(text).test(line))).not.toEqual([]);
    this.forgive(text);
  }

  /** Takes out errors that depend on which of two things comes first, where both are right. */
  forgive(text: string): void {
    const isForgiven = (line: string) => new RegExp(text).test(line);
    this.problems.splice(0, Infinity, ...this.problems.filter((line) => !isForgiven(line)));
  }

  expectNoProblems(): void {
    expect({ name: this.name, problems: this.problems }).toEqual({ name: this.name, problems: [] });
  }

  /** The cookies that the example has set, by name. */
  async cookies(): Promise<Record<string, string>> {
    const cookies = await this.context.cookies(this.origin);
    return Object.fromEntries(cookies.map(({ name, value }) => [name, value]));
  }
}
