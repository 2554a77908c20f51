import { isEmail, registerDecorator } from 'class-validator';

const LONGEST_ADDRESS = 254;

/**
 * Whether a value is an e-mail address that this library takes: plain ASCII with a domain that has a top level.
 * International domains come in their ASCII form. Look-alike letters, invisible characters, quoted parts, IP literals and
 * lists of addresses are no addresses here.
 */
export function isEmailAddress(value: unknown): value is string {
  return (
    typeof value === 'string' &&
    value.length <= LONGEST_ADDRESS &&
    /^[\w.!#$%&'*+/=?^`{|}~-]+@[A-Za-z0-9.-]+$/.test(value) &&
    isEmail(value)
  );
}

/** The form in which addresses are stored and compared. */
export function normalizeEmail(address: string): string {
  return address.toLowerCase();
}

export function IsEmailAddress(): PropertyDecorator {
  return (target, property) =>
    registerDecorator({
      name: 'isEmailAddress',
      target: target.constructor,
      propertyName: String(property),
      validator: {
        validate: isEmailAddress,
        defaultMessage: () => '$property must be an e-mail address',
      },
    });
}
