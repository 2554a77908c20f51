import { type DynamicModule, Module } from '@nestjs/common';
import { APP_INTERCEPTOR } from '@nestjs/core';
import { EventEmitterModule } from '@nestjs/event-emitter';
import { TypeOrmModule } from '@nestjs/typeorm';
import {
  AnonymousModule,
  oidc,
  type TableDeclaration,
  UnavailableInterceptor,
} from '../../src/index.js';
import { BasketsModule } from './baskets/baskets.module.js';
import { dataSourceOptions, openDataSource } from './database/data-source.js';
import { FavouritesModule } from './favourites/favourites.module.js';
import { DevInbox } from './inbox/dev-inbox.js';
import { InboxModule } from './inbox/inbox.module.js';
import { OWNED_TABLES } from './owned-tables.js';
import { OpsModule } from './ops/ops.module.js';
import type { PawsOptions } from './paws.options.js';
import { RedisLimits } from './limits/redis-limits.js';
import { PetsModule } from './pets/pets.module.js';
import { PhotosModule } from './photos/photos.module.js';
import { ProfilesModule } from './profiles/profiles.module.js';
import { SiteModule } from './site/site.module.js';
import { VenuesModule } from './venues/venues.module.js';
import { VisitsModule } from './visits/visits.module.js';

/** A directory of dog-friendly places whose visitors can keep what they add before they sign up. */
@Module({})
export class PawsModule {
  static with(
    options: PawsOptions,
    tables: readonly TableDeclaration[] = OWNED_TABLES,
  ): DynamicModule {
    const storage = options.redisUrl ? new RedisLimits(options.redisUrl) : undefined;
    return {
      module: PawsModule,
      providers: [
        { provide: APP_INTERCEPTOR, useClass: UnavailableInterceptor },
        // As a provider it is closed with the app.
        ...(storage ? [{ provide: RedisLimits, useValue: storage }] : []),
      ],
      imports: [
        TypeOrmModule.forRootAsync({
          useFactory: () => ({ ...dataSourceOptions(options.databaseUrl), retryAttempts: 0 }),
          dataSourceFactory: openDataSource,
        }),
        EventEmitterModule.forRoot(),
        AnonymousModule.forRoot({
          secret: options.secret,
          baseUrl: options.baseUrl,
          trustedOrigins: options.trustedOrigins,
          guest: { expiresIn: options.guestExpiresIn, repeatSignIn: options.repeatSignIn },
          mailer: options.hasDevInbox ? DevInbox : undefined,
          mail: options.smtpUrl
            ? {
                from: `Paws <paws@${new URL(options.baseUrl).hostname}>`,
                smtp: { url: options.smtpUrl },
              }
            : undefined,
          // It runs on this machine and shows every address to be verified that the person says is theirs.
          providers: options.devProvider
            ? [oidc({ id: 'dev', ...options.devProvider, trustEmail: true })]
            : [],
          emailVerification: options.emailVerification,
          enumeration: options.enumeration,
          throttle: options.isThrottled === false ? false : { storage },
          linking: { policy: options.linkPolicy, budget: options.linkBudget },
        }),
        AnonymousModule.forFeature(tables),
        VenuesModule,
        FavouritesModule,
        VisitsModule,
        PetsModule,
        PhotosModule,
        ProfilesModule,
        BasketsModule,
        SiteModule.with(options.devProvider ? ['dev'] : []),
        ...(options.hasDevInbox ? [InboxModule] : []),
        ...(options.operators?.length ? [OpsModule.with(options.operators)] : []),
      ],
    };
  }
}
