import { isSecureUrl } from './endpoint.js';

const MOST_BYTES = 512 * 1024;

type FetchOptions = Pick<RequestInit, 'method' | 'headers' | 'signal'> & {
  readonly body?: unknown;
};

/**
 * `fetch` for what a provider answers: follows no redirect, goes nowhere in the clear, and reads no more than any honest
 * answer has.
 */
export async function fetchOfProvider(url: string, options: FetchOptions): Promise<Response> {
  if (!isSecureUrl(new URL(url))) throw new TypeError('an endpoint of the provider is not https');
  const response = await fetch(url, {
    ...options,
    body: options.body as BodyInit | undefined,
    redirect: 'manual',
  });
  const { status, headers } = response;
  const isEmpty = response.body === null || [204, 205, 304].includes(status);
  const body = isEmpty ? null : await readLimited(response.body);
  return new Response(body, { status, headers: withoutEncoding(headers) });
}

async function readLimited(body: ReadableStream<Uint8Array>): Promise<Buffer<ArrayBuffer>> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of body) {
    length += chunk.byteLength;
    // Leaving the loop cancels the stream, and with it the download.
    if (length > MOST_BYTES) throw new TypeError('the answer of the provider is too long');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** What is read here is decoded already. */
function withoutEncoding(headers: Headers): Headers {
  const kept = new Headers(headers);
  kept.delete('content-encoding');
  kept.delete('content-length');
  return kept;
}
