import { NotFoundException } from '@nestjs/common';

export function venueNotFound(): NotFoundException {
  return new NotFoundException({
    statusCode: 404,
    code: 'VENUE_NOT_FOUND',
    message: 'There is no such place.',
  });
}
