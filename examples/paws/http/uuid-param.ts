import { Param, ParseUUIDPipe } from '@nestjs/common';
import { AnonymousException } from '../../../src/index.js';

/** An id in the path; anything else is refused like a wrong field of a body. */
export function UuidParam(field: string): ParameterDecorator {
  const exceptionFactory = () =>
    new AnonymousException('VALIDATION_FAILED', {
      errors: [{ field, messages: [`${field} must be a UUID`] }],
    });
  return Param(field, new ParseUUIDPipe({ exceptionFactory }));
}
