import { applyDecorators } from '@nestjs/common';
import { IsUrl, Matches, MaxLength } from 'class-validator';

/** The URL of a picture, of 2048 characters at most. Nobody fetches it here. */
export const IsPicture = (): PropertyDecorator =>
  applyDecorators(
    MaxLength(2048),
    Matches(/^[^\s\p{Cc}\p{Cs}]*$/u),
    IsUrl({ protocols: ['https', 'http'], require_protocol: true }),
  );
