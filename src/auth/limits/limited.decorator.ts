import { Reflector } from '@nestjs/core';
import type { ClientLimit } from './throttle.settings.js';

/** What a request to a route counts towards. */
export interface RouteLimit {
  readonly limit: ClientLimit;
  /** Routes with the same name are counted together. @default the handler, by whatever path and method it is reached */
  readonly bucket?: string;
}

/** Limits how often one client may call a route. */
export const Limited = Reflector.createDecorator<RouteLimit>({ key: 'nestjs-anonymous:limited' });
