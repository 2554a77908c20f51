import type { INestApplication, LogLevel } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { AnonymousExceptionFilter } from '../../src/index.js';
import { bodyPipes } from './http/body.pipes.js';
import { securityHeaders } from './http/security-headers.js';
import { PawsModule } from './paws.module.js';
import type { PawsOptions } from './paws.options.js';
import { serveApiDocument } from './site/api-document.js';

/** The whole app, ready to listen. */
export async function createPawsApp(
  options: PawsOptions,
  logger: LogLevel[] | false = ['fatal', 'error', 'warn'],
): Promise<INestApplication> {
  const app = await NestFactory.create<INestApplication>(
    PawsModule.with(options),
    adapters[options.adapter ?? 'express'](),
    { logger, abortOnError: false },
  );
  app.use(securityHeaders);
  app.useGlobalPipes(...bodyPipes());
  app.useGlobalFilters(new AnonymousExceptionFilter(app.getHttpAdapter()));
  serveApiDocument(app);
  return app;
}

const adapters = {
  express: () => {
    const adapter = new ExpressAdapter();
    adapter.disable('x-powered-by');
    return adapter;
  },
  fastify: () => new FastifyAdapter(),
};
