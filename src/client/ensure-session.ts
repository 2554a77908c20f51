import type { Answer, BetterAuthClient, OutgoingRequest } from './better-auth-client.js';
import { IssueKey } from './issue-key.js';
import { oneTabAtATime } from './one-tab-at-a-time.js';

const GET_SESSION = '/get-session';

const inFlight = new WeakMap<object, Promise<Answer<unknown>>>();

/**
 * The session that is there, or else that of a new guest. However often a page calls it, and in however many tabs, the
 * browser gets one guest. Call it when the visitor is about to make something worth keeping.
 *
 * @param client What better-auth's `createAuthClient` returned.
 * @returns `{ data: { session, user }, error: null }`, or `{ data: null, error }` with what the server answered. After an
 * error the next call tries again, and gets the same guest if the server had issued one.
 * @throws whatever `fetch` rejects with when there is no answer.
 */
export function ensureSession<Session>(
  client: BetterAuthClient<Session>,
): Promise<Answer<Session>> {
  const running = inFlight.get(client) ?? start(client);
  return running as Promise<Answer<Session>>;
}

function start(client: BetterAuthClient): Promise<Answer<unknown>> {
  const running = findOrIssue(client).finally(() => inFlight.delete(client));
  inFlight.set(client, running);
  return running;
}

async function findOrIssue(client: BetterAuthClient): Promise<Answer<unknown>> {
  let url = '';
  const present = await getSession(client, (request) => {
    url = String(request.url);
  });
  if (present.data || present.error) return present;
  // The client does not tell its base URL.
  const name = `nestjs-anonymous:${url.split(GET_SESSION)[0]}`;
  const key = new IssueKey(client, name);
  // Before the next request, and again behind it: tabs that chose at the same moment then agree on what was stored last.
  key.choose();
  const answer = await oneTabAtATime(name, async () => {
    const since = await getSession(client);
    return since.data || since.error ? since : issue(client, key);
  });
  if (answer.data) client.$store.notify('$sessionSignal');
  return answer;
}

async function issue(client: BetterAuthClient, issueKey: IssueKey): Promise<Answer<unknown>> {
  const key = issueKey.choose();
  const issued = (await client.$fetch('/sign-in/anonymous', {
    method: 'POST',
    body: {},
    throw: false,
    // Not by the option `headers`, which would replace those of the client.
    onRequest: ({ headers }) => {
      if (key !== undefined) headers.set('Idempotency-Key', key);
    },
  })) as Answer<{ session: unknown; user: unknown }>;
  if (issued.data) {
    issueKey.forget(key);
    const { session, user } = issued.data;
    return { data: { session, user }, error: null };
  }
  // Another tab has signed in meanwhile: what refused this one is the session that is wanted.
  const since = await getSession(client);
  return since.data ? since : issued;
}

function getSession(
  client: BetterAuthClient,
  onRequest?: (request: OutgoingRequest) => void,
): Promise<Answer<unknown>> {
  const options = { method: 'GET', throw: false, onRequest } as const;
  return client.$fetch(GET_SESSION, options) as Promise<Answer<unknown>>;
}
