import { type DynamicModule, Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { AnonymousModule } from '../../src/index.js';
import { AuthModule } from './auth/auth.module.js';
import type { CurrentMember } from './auth/current-member.js';
import { dataSourceOptions } from './database/data-source.js';
import { NotesModule } from './notes/notes.module.js';
import { OWN_AUTH_OPTIONS, type OwnAuthOptions } from './own-auth.options.js';

/** An app with users, passwords and tokens of its own, and guests. */
@Module({})
export class OwnAuthModule {
  static with(options: OwnAuthOptions): DynamicModule {
    return {
      module: OwnAuthModule,
      global: true,
      imports: [
        TypeOrmModule.forRoot({ ...dataSourceOptions(options.databaseUrl), retryAttempts: 0 }),
        AnonymousModule.forRoot({
          secret: options.guestSecret,
          baseUrl: options.baseUrl,
          controllers: false,
          passport: {
            user: ({ userId, isAnonymous }): CurrentMember => ({
              id: Number(userId),
              isGuest: isAnonymous,
            }),
          },
        }),
        AuthModule,
        NotesModule,
      ],
      providers: [{ provide: OWN_AUTH_OPTIONS, useValue: options }],
      exports: [OWN_AUTH_OPTIONS],
    };
  }
}
