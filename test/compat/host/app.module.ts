import { Module } from '@nestjs/common';
import { EventEmitterModule } from '@nestjs/event-emitter';
import { TypeOrmModule } from '@nestjs/typeorm';
import { AnonymousModule, anonymousEntities, anonymousMigrations, owned } from 'nestjs-anonymous';
import { CreateTables1900000000001 } from './features/create-tables.js';
import { Note, Tag, Wallet } from './features/entities.js';
import { Heard } from './features/heard.js';
import { PassportController, ThingsController } from './features/things.controller.js';
import { WalletMergeHandler } from './features/wallet-merge.handler.js';

@Module({
  imports: [
    TypeOrmModule.forRoot({
      type: 'postgres',
      url: process.env.DATABASE_URL,
      entities: [...anonymousEntities(), Note, Wallet, Tag],
      migrations: [...anonymousMigrations(), CreateTables1900000000001],
      migrationsRun: true,
      uuidExtension: 'pgcrypto',
      installExtensions: false,
      retryAttempts: 0,
    }),
    EventEmitterModule.forRoot(),
    AnonymousModule.forRoot({
      secret: process.env.AUTH_SECRET,
      baseUrl: 'https://app.example',
      linking: { budget: '10s' },
    }),
    AnonymousModule.forFeature([owned(Tag, { onCollision: 'keepAccount' })]),
  ],
  controllers: [ThingsController, PassportController],
  // FORGET leaves out what the wallet needs, and the app must not start.
  providers: [Heard, ...(process.env.FORGET ? [] : [WalletMergeHandler])],
})
export class AppModule {}
