import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { AnonymousModule } from 'nestjs-anonymous';
import { Adapter } from './adapter.js';
import { AppModule } from './app.module.js';
import { checkMerge, ensureSession, LibraryOfFeatures } from './features/library.js';

async function main(): Promise<void> {
  const app = await NestFactory.create(AppModule, new Adapter(), { logger: ['warn', 'error'] });
  app.enableShutdownHooks();
  await app.listen(0, '127.0.0.1');
  const isLoaded = typeof ensureSession === 'function' && typeof checkMerge === 'function';
  const isOneCopy = isLoaded && AnonymousModule === LibraryOfFeatures;
  console.log(`ready at ${await app.getUrl()} with ${isOneCopy ? 'one copy' : 'two copies'}`);
}

void main();
