import { ThrottlerStorageRedisService } from '@nest-lab/throttler-storage-redis';
import { NestFactory } from '@nestjs/core';
import { Module } from '@nestjs/common';
import { EventEmitterModule } from '@nestjs/event-emitter';
import { TypeOrmModule } from '@nestjs/typeorm';
import { AnonymousModule, anonymousEntities, anonymousMigrations } from '../../src/index.js';

/** An instance of an app whose limits are counted in Redis. Says its address when it is ready. */
const { DATABASE_URL, REDIS_URL, SECRET, ORIGIN } = process.env as Record<string, string>;

@Module({
  imports: [
    TypeOrmModule.forRoot({
      type: 'postgres',
      url: DATABASE_URL,
      entities: anonymousEntities(),
      migrations: anonymousMigrations(),
      uuidExtension: 'pgcrypto',
      installExtensions: false,
      retryAttempts: 0,
    }),
    EventEmitterModule.forRoot(),
    AnonymousModule.forRoot({
      secret: SECRET,
      baseUrl: ORIGIN!,
      throttle: {
        guests: { limit: 10, within: '1h' },
        storage: new ThrottlerStorageRedisService(REDIS_URL!),
      },
    }),
  ],
})
class InstanceModule {}

const app = await NestFactory.create(InstanceModule, { logger: ['error'], abortOnError: false });
await app.listen(0, '127.0.0.1');
console.log(await app.getUrl());
