import { applyDecorators } from '@nestjs/common';
import { Transform, type TransformFnParams } from 'class-transformer';
import { Length, Matches } from 'class-validator';

/** Control characters, of which Postgres refuses one, and halves of surrogate pairs, which no UTF-8 can carry. */
export const UNPRINTABLE = '\\p{Cc}\\p{Cs}';

/** One line of text, without the spaces around it. */
export function IsLine(longest: number): PropertyDecorator {
  return applyDecorators(
    Transform(({ value }: TransformFnParams): unknown =>
      typeof value === 'string' ? value.trim() : value,
    ),
    Length(1, longest, { message: `$property must have 1 to ${longest} characters` }),
    Matches(new RegExp(`^[^${UNPRINTABLE}]*$`, 'u'), {
      message: '$property must be one line of plain text',
    }),
  );
}
