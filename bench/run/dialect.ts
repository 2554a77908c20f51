import { ORIGIN } from '../programs/setting.js';

/** How a contender's HTTP interface names what the bench does. */
export interface Dialect {
  readonly issue: { readonly path: string; readonly status: number };
  readonly signUp: string;
  readonly signIn: string;
  readonly idType: 'uuid' | 'text';
}

export const OURS: Dialect = {
  issue: { path: '/auth/anonymous', status: 201 },
  signUp: '/auth/sign-up/email',
  signIn: '/auth/sign-in/email',
  idType: 'uuid',
};

export const BETTER_AUTH: Dialect = {
  issue: { path: '/api/auth/sign-in/anonymous', status: 200 },
  signUp: '/api/auth/sign-up/email',
  signIn: '/api/auth/sign-in/email',
  idType: 'text',
};

export const LIMIT: Dialect = {
  issue: { path: '/anonymous', status: 201 },
  signUp: '/sign-up',
  signIn: '/sign-in',
  idType: 'uuid',
};

/** Who sends a request: nobody, or whoever has got this `Cookie` header. */
export type Cookie = string | undefined;

/** One HTTP request as it goes over the wire. */
export function request(
  method: 'GET' | 'POST',
  path: string,
  cookie: Cookie,
  body?: object,
): string {
  const text = body === undefined ? '' : JSON.stringify(body);
  const lines = [
    `${method} ${path} HTTP/1.1`,
    'host: app.example',
    'accept: application/json',
    'user-agent: bench',
    // better-auth makes its own origin out of this one; browsers send it with every POST.
    ...(method === 'POST' ? [`origin: ${ORIGIN}`] : []),
    ...(cookie === undefined ? [] : [`cookie: ${cookie}`]),
    ...(method === 'POST'
      ? ['content-type: application/json', `content-length: ${Buffer.byteLength(text)}`]
      : []),
  ];
  return `${lines.join('\r\n')}\r\n\r\n${text}`;
}
