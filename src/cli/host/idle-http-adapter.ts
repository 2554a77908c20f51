import type { AbstractHttpAdapter } from '@nestjs/core';

/**
 * Stands in for Express or Fastify, neither of which a command needs or can be sure to find. Whatever an app asks of it
 * while it is put together does nothing and answers the adapter itself, so that calls can be chained.
 */
export function idleHttpAdapter(): AbstractHttpAdapter {
  const idle: object = new Proxy(Object.create(null) as object, {
    // Without `then`, or whoever awaits it would wait for ever.
    get: (_target, name) => (name === 'then' ? undefined : () => idle),
    set: () => true,
    has: (_target, name) => name !== 'then',
  });
  return idle as AbstractHttpAdapter;
}
