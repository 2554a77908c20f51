import { type DynamicModule, Module, type ModuleMetadata } from '@nestjs/common';
import { IdentitiesService } from './identities.service.js';
import { StaleGuestsService } from './stale-guests.service.js';
import { UsersService } from './users.service.js';

/** The users and how they prove themselves. */
@Module({})
export class UsersModule {
  /** @param imports must provide the DataSource under {@link USERS_DATA_SOURCE}. */
  static with(imports: ModuleMetadata['imports']): DynamicModule {
    return {
      module: UsersModule,
      imports: imports ?? [],
      providers: [UsersService, IdentitiesService, StaleGuestsService],
      exports: [UsersService, IdentitiesService, StaleGuestsService],
    };
  }
}
