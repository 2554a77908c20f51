import { type DynamicModule, Module } from '@nestjs/common';
import { EventEmitterModule } from '@nestjs/event-emitter';
import { TypeOrmModule } from '@nestjs/typeorm';
import { AnonymousModule } from '../../src/index.js';
import { BasketsModule } from './baskets/baskets.module.js';
import { dataSourceOptions, openDataSource } from './database/data-source.js';
import type { PawsOptions } from './paws.options.js';
import { PetsModule } from './pets/pets.module.js';
import { PhotosModule } from './photos/photos.module.js';
import { SiteModule } from './site/site.module.js';
import { VenuesModule } from './venues/venues.module.js';

/** A directory of dog-friendly places whose visitors can keep dogs, photos and a basket before they sign up. */
@Module({})
export class PawsModule {
  static with(options: PawsOptions): DynamicModule {
    return {
      module: PawsModule,
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
          linking: { policy: options.linkPolicy, budget: options.linkBudget },
        }),
        VenuesModule,
        PetsModule,
        PhotosModule,
        BasketsModule,
        SiteModule,
      ],
    };
  }
}
