/** What an Express response and a Fastify reply have in common. */
interface ResponseHeaders {
  getHeader(name: string): number | string | string[] | undefined;
  header(name: string, value: string[]): unknown;
  removeHeader(name: string): unknown;
}

/** The cookies that a response sets at this moment. */
export function cookiesOf(response: object): string[] {
  return [(response as ResponseHeaders).getHeader('set-cookie') ?? []].flat().map(String);
}

/** Takes back every cookie that has been put on a response since. */
export function resetCookies(response: object, cookies: readonly string[]): void {
  const headers = response as ResponseHeaders;
  headers.removeHeader('set-cookie');
  if (cookies.length > 0) headers.header('set-cookie', [...cookies]);
}
