/** Lets parallel first requests share one guest. Random, and the same for as long as this page is open. */
const firstKey = Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) =>
  byte.toString(16).padStart(2, '0'),
).join('');

const WORDS = {
  ALREADY_SIGNED_IN: 'You are signed in already. Reload the page.',
  BASKET_FULL: 'That is as many as the basket holds.',
  EMAIL_TAKEN: 'This address has an account already. Choose “I have an account” to sign in.',
  GUEST_MERGED: 'What you had as a guest has moved to your account. Sign in to go on.',
  INVALID_EMAIL_OR_PASSWORD: 'This address and password do not belong together.',
  INVALID_OR_EXPIRED: 'That is wrong, or too old. Ask for another mail.',
  PET_NAME_TAKEN: 'You have a dog of this name already. Give this one another.',
  PET_NOT_FOUND: 'That dog is not here any more. Reload the page.',
  PROVIDER_REFUSED: 'You have not signed in there. Nothing has changed here.',
  PROVIDER_UNAVAILABLE: 'They do not answer. Try again later, or sign in another way.',
  SESSION_EXPIRED: 'Sign out and in again first: this needs to know that it is you.',
  UNAUTHORIZED: 'Sign in or create an account to do this.',
  UPGRADE_REQUIRED: 'This needs an account. Create one below, your basket comes along.',
  VENUE_NOT_FOUND: 'That place is not here any more. Reload the page.',
};

/** The fields that have to change, where a code says so. */
const FIELDS = { EMAIL_TAKEN: ['email', 'newEmail'], PET_NAME_TAKEN: ['name'] };

const NAMES = {
  email: 'This',
  newEmail: 'This',
  password: 'The password',
  otp: 'The code',
  name: 'The name',
  breed: 'The breed',
  url: 'The address',
  displayName: 'The name',
  city: 'The town',
  bio: 'The text about you',
};

/** What went wrong, in words, and the fields that have to change. */
export class RequestError extends Error {
  constructor(message, { code, fields = [] } = {}) {
    super(message);
    this.code = code;
    this.fields = fields;
  }
}

/** @throws RequestError */
async function request(method, path, body) {
  const headers = new Headers({ accept: 'application/json' });
  const options = { method, headers };
  if (method !== 'GET') headers.set('idempotency-key', firstKey);
  if (body !== undefined) {
    headers.set('content-type', 'application/json');
    options.body = JSON.stringify(body);
  }
  const answer = await fetch(path, options).catch(() => {
    throw new RequestError('The server does not answer. Are you online?');
  });
  const content = await answer.json().catch(() => undefined);
  if (answer.ok) return content;
  throw worded(answer.status, content);
}

/** What a code means to a person. */
export const wordsOf = (code) => WORDS[code] ?? `That did not work (${code}). Try again.`;

function worded(status, { code, errors = [] } = {}) {
  const text = errors.map(({ field, messages }) => sentence(field, messages[0])).join(' ');
  const message = text || wordsOf(code ?? status);
  const fields = FIELDS[code] ?? errors.map(({ field }) => field);
  return new RequestError(message, { code, fields });
}

/** "email must be …" or "must have …", as the server says it, to a sentence for a person. */
function sentence(field, message) {
  const rest = message.startsWith(`${field} `) ? message.slice(field.length + 1) : message;
  return `${NAMES[field] ?? field} ${rest}.`;
}

export const get = (path) => request('GET', path);
export const post = (path, body) => request('POST', path, body);
export const put = (path, body) => request('PUT', path, body);
export const remove = (path) => request('DELETE', path);
