import { type INestApplication, type LogLevel, ValidationPipe } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { AnonymousExceptionFilter } from '../../src/index.js';
import { OwnAuthModule } from './own-auth.module.js';
import type { OwnAuthOptions } from './own-auth.options.js';

/** The whole app, ready to listen. */
export async function createOwnAuthApp(
  options: OwnAuthOptions,
  logger: LogLevel[] | false = ['fatal', 'error', 'warn'],
): Promise<INestApplication> {
  const app = await NestFactory.create<INestApplication>(
    OwnAuthModule.with(options),
    options.adapter === 'fastify' ? new FastifyAdapter() : new ExpressAdapter(),
    { logger, abortOnError: false },
  );
  app.useGlobalPipes(new ValidationPipe({ whitelist: true, forbidNonWhitelisted: true }));
  app.useGlobalFilters(new AnonymousExceptionFilter(app.getHttpAdapter()));
  return app;
}
