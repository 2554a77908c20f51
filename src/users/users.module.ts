import { type DynamicModule, Module, type ModuleMetadata } from '@nestjs/common';
import { IdentitiesService } from './identities.service.js';
import { UserInserts } from './user-inserts.js';
import { UsersService } from './users.service.js';

/** The users and how they prove themselves. */
@Module({})
export class UsersModule {
  /** @param imports must provide the DataSource under {@link USERS_DATA_SOURCE}, the {@link Tables} and the options of new rows. */
  static with(imports: ModuleMetadata['imports']): DynamicModule {
    return {
      module: UsersModule,
      imports: imports ?? [],
      providers: [UserInserts, UsersService, IdentitiesService],
      exports: [UsersService, IdentitiesService],
    };
  }
}
