import { registerDecorator } from 'class-validator';
import { AnonymousException } from '../../common/errors.js';

/** Past these a password costs more to hash than it adds. */
const MOST_CHARACTERS = 256;
const MOST_BYTES = 1024;

/** A password that can be hashed exactly as typed: no half of a surrogate pair, no NUL, not longer than the limits. */
export function isHashable(value: unknown): value is string {
  return (
    typeof value === 'string' &&
    value !== '' &&
    !/[\0\p{Cs}]/u.test(value) &&
    Array.from(value).length <= MOST_CHARACTERS &&
    Buffer.byteLength(value) <= MOST_BYTES
  );
}

/**
 * Refuses a new password that anybody would guess. Any character is allowed and none is required; nothing is trimmed.
 * @throws AnonymousException `VALIDATION_FAILED`
 */
export function checkNewPassword(
  password: string,
  email: string | null,
  minLength: number,
  field = 'password',
): void {
  const reasons = [
    Array.from(password).length < minLength && `must have ${minLength} characters or more`,
    password.trim() === '' && 'must not be blank',
    password.toLowerCase() === email?.toLowerCase() && 'must not be the e-mail address',
    /^(.)\1*$/su.test(password) && 'must not be one character repeated',
  ].filter((reason) => reason !== false);
  if (reasons.length > 0) {
    throw new AnonymousException('VALIDATION_FAILED', {
      errors: [{ field, messages: reasons }],
    });
  }
}

export function IsHashable(): PropertyDecorator {
  return (target, property) =>
    registerDecorator({
      name: 'isHashable',
      target: target.constructor,
      propertyName: String(property),
      validator: {
        validate: isHashable,
        defaultMessage: () =>
          `$property must be text of 1 to ${MOST_CHARACTERS} characters and ${MOST_BYTES} bytes at most`,
      },
    });
}
