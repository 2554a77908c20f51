import { applyDecorators } from '@nestjs/common';
import { IsOptional, ValidateIf } from 'class-validator';
import { IsCleanText } from './is-clean-text.js';

/** Longest name of a person, in characters. */
export const LONGEST_NAME = 100;

/** The name of a person, which nobody has to give: an empty one is none. */
export function IsName(): PropertyDecorator {
  return applyDecorators(
    IsOptional(),
    ValidateIf((_dto, name) => name !== ''),
    IsCleanText(LONGEST_NAME),
  );
}
