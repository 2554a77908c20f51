import { isEmailAddress, normalizeEmail } from '../../users/email-address.js';
import { isCleanText } from '../dto/is-clean-text.js';
import { LONGEST_NAME } from '../dto/is-name.js';
import type { ExternalProof } from '../proof.js';
import type { OidcProvider } from './provider.js';

/** Somebody that a provider vouches for. */
export type ExternalPerson = Omit<ExternalProof, 'kind' | 'start'>;

/** What the provider says about a person, by the name of the claim. Every value may be anything. */
export type PersonClaims = Readonly<Record<string, unknown>>;

/** The specification's own limit. */
const LONGEST_SUBJECT = 255;
const LONGEST_URL = 2048;

/** Whether a `sub` is one by the specification: ASCII, and no control characters, which no column takes. */
export function isSubject(value: string): boolean {
  return value.length <= LONGEST_SUBJECT && /^[\x20-\x7E]+$/.test(value);
}

export function externalPerson(
  { id, issuer, trustsMail }: OidcProvider,
  subject: string,
  claims: PersonClaims,
): ExternalPerson {
  const { name, picture } = claims;
  return {
    identity: { provider: id, issuer, subject },
    email: provenEmail(claims, trustsMail),
    name: isCleanText(name, LONGEST_NAME) ? name : null,
    image: isPicture(picture) ? picture : null,
  };
}

/** `"true"` and `1` are not true: some providers have sent them for addresses that nobody had checked. */
function provenEmail(
  { email, email_verified: isVerified, hd }: PersonClaims,
  trust: OidcProvider['trustsMail'],
): string | null {
  if (trust === 'never' || isVerified !== true || !isEmailAddress(email)) return null;
  const address = normalizeEmail(email);
  if (trust === 'always') return address;
  const isWorkspace = typeof hd === 'string' && hd !== '';
  return isWorkspace || /@(gmail|googlemail)\.com$/.test(address) ? address : null;
}

function isPicture(value: unknown): value is string {
  return (
    typeof value === 'string' &&
    value.length <= LONGEST_URL &&
    !/[\s\p{Cc}\p{Cs}]/u.test(value) &&
    URL.canParse(value) &&
    new URL(value).protocol === 'https:'
  );
}
