import { CookieJar } from './cookie-jar.js';

export interface HttpAnswer {
  readonly status: number;
  readonly headers: Headers;
  /** Parsed when it is JSON, else the text. */
  // oxlint-disable-next-line typescript/no-explicit-any -- tests reach into answers; the assertions are the types
  readonly body: any;
  readonly text: string;
}

export interface RequestOptions {
  readonly headers?: Record<string, string | undefined>;
  readonly body?: unknown;
  /** Sent as it is, without a content type of ours. */
  readonly raw?: string | Buffer;
  readonly signal?: AbortSignal;
}

/** A client with its own cookies and default headers; `undefined` removes a header. */
export class HttpClient {
  constructor(
    readonly baseUrl: string,
    readonly defaults: Record<string, string | undefined> = {},
    readonly cookies = new CookieJar(),
  ) {}

  get(path: string, options: RequestOptions = {}): Promise<HttpAnswer> {
    return this.request('GET', path, options);
  }

  post(path: string, body?: unknown, options: RequestOptions = {}): Promise<HttpAnswer> {
    return this.request('POST', path, { ...options, body });
  }

  delete(path: string, options: RequestOptions = {}): Promise<HttpAnswer> {
    return this.request('DELETE', path, options);
  }

  async request(method: string, path: string, options: RequestOptions = {}): Promise<HttpAnswer> {
    const headers = new Headers();
    const cookie = this.cookies.header();
    const given = {
      ...(cookie === '' ? {} : { cookie }),
      ...(options.body === undefined ? {} : { 'content-type': 'application/json' }),
      ...this.defaults,
      ...options.headers,
    };
    for (const [name, value] of Object.entries(given)) {
      if (value !== undefined) headers.set(name, value);
    }
    const body =
      options.raw ?? (options.body === undefined ? undefined : JSON.stringify(options.body));
    const response = await fetch(new URL(path, this.baseUrl), {
      method,
      headers,
      body: body as BodyInit | undefined,
      redirect: 'manual',
      signal: options.signal,
    });
    this.cookies.store(response.headers);
    const text = await response.text();
    const isJson = response.headers.get('content-type')?.includes('json') && text !== '';
    return {
      status: response.status,
      headers: response.headers,
      body: isJson ? JSON.parse(text) : text,
      text,
    };
  }
}
