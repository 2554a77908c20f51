/** Control characters, of which Postgres refuses one, and halves of surrogate pairs, which no UTF-8 can carry. */
export const UNPRINTABLE = '\\p{Cc}\\p{Cs}';

/** Text without the spaces around it, for `@Transform`. Anything else stays what it is, for the validation to refuse. */
export function trimmed({ value }: { readonly value?: unknown }): unknown {
  return typeof value === 'string' ? value.trim() : value;
}
