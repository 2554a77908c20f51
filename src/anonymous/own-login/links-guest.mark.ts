import { Reflector } from '@nestjs/core';
import type { LinksGuestOptions } from './links-guest.options.js';

/** What `@LinksGuest()` leaves on a route for its interceptor. */
export const LinksGuestMark = Reflector.createDecorator<LinksGuestOptions>({
  key: 'nestjs-anonymous:links-guest',
});
