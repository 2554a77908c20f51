import { Reflector } from '@nestjs/core';

/**
 * Who may call a route. `session`: any live identity. `ensure`: as `session`, but an unsafe request without one is let
 * through, because a guest is issued for it. `public`: nobody asks. `claim`: as `session`, and a guest whose token has
 * expired but can still be claimed.
 */
export type AccessLevel =
  'session' | 'account' | 'guest' | 'optional' | 'ensure' | 'public' | 'claim';

export const Access = Reflector.createDecorator<AccessLevel>({ key: 'nestjs-anonymous:access' });
