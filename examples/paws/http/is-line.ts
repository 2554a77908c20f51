import { applyDecorators } from '@nestjs/common';
import { Transform } from 'class-transformer';
import { Length, Matches } from 'class-validator';
import { trimmed, UNPRINTABLE } from './plain-text.js';

/** One line of text, without the spaces around it. */
export function IsLine(longest: number): PropertyDecorator {
  return applyDecorators(
    Transform(trimmed),
    Length(1, longest, { message: `$property must have 1 to ${longest} characters` }),
    Matches(new RegExp(`^[^${UNPRINTABLE}]*$`, 'u'), {
      message: '$property must be one line of plain text',
    }),
  );
}
