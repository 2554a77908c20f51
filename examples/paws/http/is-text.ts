import { applyDecorators } from '@nestjs/common';
import { Transform } from 'class-transformer';
import { Length, Matches } from 'class-validator';
import { trimmed, UNPRINTABLE } from './plain-text.js';

/** Some lines of text, without the spaces around them. */
export function IsText(longest: number): PropertyDecorator {
  return applyDecorators(
    Transform(trimmed),
    Length(1, longest, { message: `$property must have 1 to ${longest} characters` }),
    Matches(new RegExp(`^(?:[^${UNPRINTABLE}]|\\r?\\n)*$`, 'u'), {
      message: '$property must be plain text',
    }),
  );
}
