const WORDS = {
  ALREADY_SIGNED_IN: 'You are signed in already. Reload the page.',
  BASKET_FULL: 'That is as many as the basket holds.',
  EMAIL_TAKEN: 'This address has an account already. Choose “I have an account” to sign in.',
  GUEST_MERGED: 'What you had as a guest has moved to your account. Sign in to go on.',
  INVALID_EMAIL_OR_PASSWORD: 'This address and password do not belong together.',
  INVALID_OR_EXPIRED: 'That is wrong, or too old. Ask for another mail.',
  LINK_CODE_MISMATCH: 'That code belongs to something else. Reload the page.',
  LINK_NEEDS_GUEST: 'That was too often the wrong code. Ask for another mail.',
  LINK_NOT_FOUND: 'There is nothing to decide any more. Reload the page.',
  LINK_PREVIEW_STALE: 'This has changed just now. Look at it again, please.',
  LINK_REFUSED:
    'That account takes in nothing from guests, so you stay here as you are. Sign in to it in another browser.',
  PET_NAME_TAKEN: 'You have a dog of this name already. Give this one another.',
  PET_NOT_FOUND: 'That dog is not here any more. Reload the page.',
  PROVIDER_REFUSED: 'You have not signed in there. Nothing has changed here.',
  PROVIDER_UNAVAILABLE: 'They do not answer. Try again later, or sign in another way.',
  SESSION_EXPIRED: 'Sign out and in again first: this needs to know that it is you.',
  TOO_MANY_REQUESTS: 'That was too often. Wait a little, and try again.',
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

/** For a request that got no answer. */
export const offline = () => new RequestError('The server does not answer. Are you online?');

/** What a code means to a person. */
export const wordsOf = (code) => WORDS[code] ?? `That did not work (${code}). Try again.`;

/** What the server answered, in words. */
export function worded(status, { code, errors = [] } = {}) {
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
