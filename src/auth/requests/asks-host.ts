import { Reflector } from '@nestjs/core';

/** Marks routes where a guard of the host is asked before ours. */
export const AsksHost = Reflector.createDecorator<true>({ key: 'nestjs-anonymous:asks-host' });
