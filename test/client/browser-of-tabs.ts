import { type BetterAuthClientOptions, createAuthClient } from 'better-auth/client';
import { anonymousClient, magicLinkClient } from 'better-auth/client/plugins';
import { guestClient } from '../../src/client/index.js';
import { fetchOfPage } from '../better-auth/browser.js';
import { eventually } from '../support/barrier.js';
import { CookieJar } from '../support/cookie-jar.js';
import type { TestApp } from '../support/test-app.js';
import { MemoryLocks, MemoryStorage } from './browser-apis.js';

/** A request that a tab has sent. */
export interface SentRequest {
  readonly line: string;
  readonly key: string | null;
}

/** Where a test may stop a tab, or lose something on the way. */
export interface TabHooks {
  sending?(request: SentRequest): void | Promise<void>;
  answered?(request: SentRequest): void | Promise<void>;
}

interface BrowserParts {
  /** `undefined`: the page has none; `forbidden`: touching it throws, as in the private pages of some browsers. */
  localStorage?: object | 'forbidden';
  locks?: object;
}

export const FIRST_LOOK = 'GET /auth/get-session';
export const ISSUE = 'POST /auth/sign-in/anonymous';

export type Tab = ReturnType<BrowserOfTabs['openTab']>;

/** One browser: its tabs share cookies, storage and locks. While it is open the globals of a page are there. */
export class BrowserOfTabs {
  readonly cookies = new CookieJar();
  /** Of all tabs, in order. */
  readonly requests: SentRequest[] = [];
  private readonly replaced: [string, PropertyDescriptor | undefined][] = [];

  constructor(
    private readonly host: TestApp,
    { localStorage, locks }: BrowserParts = {
      localStorage: new MemoryStorage(),
      locks: new MemoryLocks(),
    },
  ) {
    for (const [name, value] of Object.entries({
      document: {},
      localStorage,
      navigator: { locks },
    })) {
      this.replaced.push([name, Object.getOwnPropertyDescriptor(globalThis, name)]);
      const get = () => {
        if (value === 'forbidden') throw new Error('SecurityError');
        return value;
      };
      Object.defineProperty(globalThis, name, { get, configurable: true });
    }
  }

  /** A page with a client of its own. */
  openTab(hooks: TabHooks = {}, fetchOptions: BetterAuthClientOptions['fetchOptions'] = {}) {
    const request = fetchOfPage(this.cookies);
    return createAuthClient({
      baseURL: `${this.host.url}/auth`,
      plugins: [anonymousClient(), magicLinkClient(), guestClient()],
      fetchOptions: {
        ...fetchOptions,
        customFetchImpl: async (input, init) => {
          const { pathname } = new URL(input instanceof Request ? input.url : input);
          const sent: SentRequest = {
            line: `${init?.method ?? 'GET'} ${pathname}`,
            key: new Headers(init?.headers).get('idempotency-key'),
          };
          this.requests.push(sent);
          await hooks.sending?.(sent);
          const response = await request(input, init);
          await hooks.answered?.(sent);
          return response;
        },
      },
    });
  }

  lines(): string[] {
    return this.requests.map(({ line }) => line);
  }

  /** The keys with which guests were asked for. */
  keys(): (string | null)[] {
    return this.requests.filter(({ line }) => line === ISSUE).map(({ key }) => key);
  }

  close(): void {
    for (const [name, descriptor] of this.replaced) {
      if (descriptor) Object.defineProperty(globalThis, name, descriptor);
      else Reflect.deleteProperty(globalThis, name);
    }
  }
}

const left: Tab['$store'][] = [];

/** A component that shows the session, until it is left. */
export function showSession({ useSession, $store }: Tab) {
  const stop = useSession.subscribe(() => {});
  return {
    shows: (what: string, test: (user: NonNullable<ShownUser> | undefined) => boolean) =>
      eventually(what, () => test(useSession.get().data?.user)),
    leave: () => {
      stop();
      left.push($store);
    },
  };
}

/** For `afterAll`: a store notices a second late that nobody shows it any more. */
export async function allLeft(): Promise<void> {
  for (const { atoms } of left.splice(0)) {
    await eventually('the store is at rest', () => atoms.$sessionSignal!.lc === 1);
  }
}

type ShownUser = Tab['$Infer']['Session']['user'];
