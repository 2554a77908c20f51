import 'reflect-metadata';
import { Controller, Get, Module, UseGuards } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { ExpressAdapter } from '@nestjs/platform-express';
import { TypeOrmModule } from '@nestjs/typeorm';
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { ready } from './contender-process.js';
import { cheapHash, isCheapHash } from './hashing.js';
import {
  AnonymousModule,
  anonymousEntities,
  anonymousMigrations,
  CurrentUser,
  type Principal,
  type PasswordHashing,
  ReaperService,
  SessionGuard,
} from './library.js';
import { ownedTables } from './owned-tables.js';
import { ORIGIN, SECRET, settingOf } from './setting.js';

const { databaseUrl, poolSize, variant, isNew } = settingOf(process.argv);

const hash: PasswordHashing = {
  hash: (password) => Promise.resolve(cheapHash(password)),
  verify: (hashed, password) => Promise.resolve(isCheapHash(hashed, password)),
};

class OwnedTables1763900000001 implements MigrationInterface {
  readonly name = 'OwnedTables1763900000001';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(ownedTables('users', 'uuid'));
  }

  async down(): Promise<void> {}
}

@Controller()
class MeController {
  @Get('me')
  @UseGuards(SessionGuard)
  me(@CurrentUser() { userId, isAnonymous }: Principal) {
    return { userId, isAnonymous };
  }
}

@Module({
  imports: [
    TypeOrmModule.forRoot({
      type: 'postgres',
      url: databaseUrl,
      poolSize,
      entities: anonymousEntities(),
      migrations: [...anonymousMigrations(), OwnedTables1763900000001],
      migrationsRun: isNew,
      installExtensions: false,
    }),
    AnonymousModule.forRoot({
      secret: SECRET,
      baseUrl: ORIGIN,
      // The library's own default is argon2id; the hash of the bench is the same for every contender.
      password: variant.includes('own-hash') ? {} : { hash },
      session: variant.includes('cached') ? { cacheFor: '10s' } : {},
      // Every request comes from one address, and nobody else in the bench counts them.
      throttle: false,
      linking: { budget: '30s' },
      // Against one DELETE that does not rest either; the defaults are for reaping while serving.
      reaper: variant.endsWith(' reap') ? { pause: '0s' } : {},
    }),
    AnonymousModule.forFeature([]),
  ],
  controllers: [MeController],
})
class BenchModule {}

const adapter = variant.includes('fastify') ? new FastifyAdapter() : new ExpressAdapter();
const app = await NestFactory.create(BenchModule, adapter, { logger: ['error', 'fatal'] });
await app.listen(0, '127.0.0.1');
ready(Number(new URL(await app.getUrl()).port), {
  reap: async () => (await app.get(ReaperService).run()).reaped,
});
