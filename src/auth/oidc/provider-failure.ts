import type { ErrorCode } from '../../common/error-codes.js';
import { AnonymousException } from '../../common/errors.js';

/** What an error of the protocol says about itself. */
interface ProtocolError {
  readonly code?: unknown;
  /** By the provider's own word, as in RFC 6749. */
  readonly error?: unknown;
  readonly status?: unknown;
}

/** Answers of which nobody can tell what they mean: the provider is not there, or not itself. */
const SILENCE: readonly unknown[] = [
  'OAUTH_TIMEOUT',
  'OAUTH_ABORT',
  'OAUTH_RESPONSE_IS_NOT_CONFORM',
  'OAUTH_RESPONSE_IS_NOT_JSON',
  'OAUTH_PARSE_ERROR',
  'OAUTH_MISSING_SERVER_METADATA',
  'OAUTH_INVALID_SERVER_METADATA',
  'OAUTH_HTTP_REQUEST_FORBIDDEN',
  'OAUTH_REQUEST_PROTOCOL_FORBIDDEN',
  'OAUTH_WWW_AUTHENTICATE_CHALLENGE',
];

/** The provider's own words for "it is us, or your app, and not this person". */
const NOT_THE_PERSON: readonly unknown[] = [
  'server_error',
  'temporarily_unavailable',
  'invalid_client',
  'unauthorized_client',
];

/** What becomes of an error while a provider is asked. */
export function failureOf(cause: unknown): AnonymousException {
  return new AnonymousException(codeOf((cause ?? {}) as ProtocolError), { cause });
}

function codeOf({ code, error, status }: ProtocolError): ErrorCode {
  const isFault = typeof status === 'number' && status >= 500;
  if (code === 'OAUTH_AUTHORIZATION_RESPONSE_ERROR' || code === 'OAUTH_RESPONSE_BODY_ERROR') {
    return isFault || NOT_THE_PERSON.includes(error) ? 'PROVIDER_UNAVAILABLE' : 'PROVIDER_REFUSED';
  }
  const isOfProtocol = typeof code === 'string' && code.startsWith('OAUTH_');
  return isOfProtocol && !SILENCE.includes(code)
    ? 'PROVIDER_ANSWER_INVALID'
    : 'PROVIDER_UNAVAILABLE';
}
