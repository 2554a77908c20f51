import { registerDecorator } from 'class-validator';

/** Text that Postgres can store and a page can show on one line: no control characters, no half of a surrogate pair. */
export function isCleanText(value: unknown, longest: number): value is string {
  return (
    typeof value === 'string' &&
    value.length <= longest &&
    value.trim() !== '' &&
    !/[\p{Cc}\p{Cs}]/u.test(value)
  );
}

/** @param longest most UTF-16 code units. */
export function IsCleanText(longest: number): PropertyDecorator {
  return (target, property) =>
    registerDecorator({
      name: 'isCleanText',
      target: target.constructor,
      propertyName: String(property),
      constraints: [longest],
      validator: {
        validate: (value) => isCleanText(value, longest),
        defaultMessage: () =>
          `$property must be text of 1 to ${longest} characters without control characters`,
      },
    });
}
