import { applyDecorators } from '@nestjs/common';
import { MaxLength, ValidateBy } from 'class-validator';
import { UNPRINTABLE } from './plain-text.js';

const REMOTE = new RegExp(`^https?://[^\\s\\\\${UNPRINTABLE}]+$`, 'iu');
/** A second slash would make the next segment a host. */
const PATH = new RegExp(`^/(?!/)[^\\s\\\\${UNPRINTABLE}]*$`, 'u');

/** Where a picture is: an address on the web, or a path on this site. Nothing that could run. */
export function IsPictureUrl(): PropertyDecorator {
  return applyDecorators(
    MaxLength(2048),
    ValidateBy({
      name: 'isPictureUrl',
      validator: {
        validate: (value: unknown) =>
          typeof value === 'string' &&
          (PATH.test(value) || (REMOTE.test(value) && URL.canParse(value))),
        defaultMessage: () =>
          '$property must be an http or https address, or a path that starts with /',
      },
    }),
  );
}
