import type { DevProvider } from '../../examples/paws/dev-provider/dev-provider.js';
import { HttpClient } from './http-client.js';
import { ledTo } from './visits.js';

/** What a person types on the provider's page. @returns the callback that their browser is sent to. */
export async function fillIn(
  provider: DevProvider,
  url: string,
  form: Record<string, string>,
): Promise<URL> {
  const browser = new HttpClient(provider.client.issuer);
  const page = ledTo(await browser.get(url)).to!;
  expect((await browser.get(page)).text).toContain('<form method="post"');
  let answer = await browser.request('POST', page, {
    raw: new URLSearchParams(form).toString(),
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
  });
  while (ledTo(answer).to?.startsWith(provider.client.issuer)) {
    answer = await browser.get(ledTo(answer).to!);
  }
  return new URL(ledTo(answer).to!);
}

/** The same for somebody whose address is verified. */
export function signInAtProvider(provider: DevProvider, url: string, email: string): Promise<URL> {
  return fillIn(provider, url, { name: 'Ada', email, verified: 'on' });
}
