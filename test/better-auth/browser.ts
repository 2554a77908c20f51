import { createAuthClient } from 'better-auth/client';
import { anonymousClient } from 'better-auth/client/plugins';
import { CookieJar } from '../support/cookie-jar.js';
import { ORIGIN, type TestApp } from '../support/test-app.js';

export const password = 'correct horse battery';

/** What a browser adds to a `fetch` of a page of ours: the cookies, the origin, and where the request comes from. */
export function fetchOfPage(cookies: CookieJar) {
  return async (input: string | URL | Request, init: RequestInit = {}): Promise<Response> => {
    const headers = new Headers(init.headers);
    headers.set('sec-fetch-site', 'same-origin');
    headers.set('sec-fetch-mode', 'cors');
    if (cookies.header() !== '') headers.set('cookie', cookies.header());
    if (!/^(GET|HEAD)$/i.test(init.method ?? 'GET')) headers.set('origin', ORIGIN);
    const response = await fetch(input, { ...init, headers });
    cookies.store(response.headers);
    return response;
  };
}

/** better-auth's own client, as the package ships it, on a page of the host's app. */
export function openBrowser(host: TestApp) {
  const cookies = new CookieJar();
  const browserFetch = fetchOfPage(cookies);
  const client = createAuthClient({
    baseURL: `${host.url}/auth`,
    plugins: [anonymousClient()],
    fetchOptions: { customFetchImpl: browserFetch },
  });
  return {
    client,
    cookies,
    /** Writes through the host's own route, as a page does that knows nothing of the client. */
    addNote: (text: string) =>
      browserFetch(`${host.url}/notes`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ text }),
      }),
    notes: async (): Promise<string[]> => {
      const notes = (await (await browserFetch(`${host.url}/notes`)).json()) as { text: string }[];
      return notes.map(({ text }) => text);
    },
  };
}
