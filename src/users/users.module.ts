import { type DynamicModule, Module, type ModuleMetadata } from '@nestjs/common';
import { AccountHoldsService } from './account-holds.service.js';
import { AddressesService } from './addresses.service.js';
import { FiguresService } from './figures/figures.service.js';
import { IdentitiesService } from './identities.service.js';
import { PlaceholderAddresses } from './placeholder-addresses.js';
import { StaleGuestsService } from './stale-guests.service.js';
import { UserInserts } from './user-inserts.js';
import { SIGNS_IN_BY_EMAIL, UserTableCheck } from './user-table-check.js';
import { UsersService } from './users.service.js';

/** The users and how they prove themselves. */
@Module({})
export class UsersModule {
  /** @param imports must provide the DataSource under {@link USERS_DATA_SOURCE}, the {@link Tables} and the options of new rows.
   * @param signsInByEmail whether there are routes that take an e-mail address for an identity. */
  static with(imports: ModuleMetadata['imports'], signsInByEmail: boolean): DynamicModule {
    return {
      module: UsersModule,
      imports: imports ?? [],
      providers: [
        { provide: SIGNS_IN_BY_EMAIL, useValue: signsInByEmail },
        UserTableCheck,
        UserInserts,
        StaleGuestsService,
        UsersService,
        IdentitiesService,
        AccountHoldsService,
        AddressesService,
        PlaceholderAddresses,
        FiguresService,
      ],
      exports: [
        UsersService,
        IdentitiesService,
        AccountHoldsService,
        AddressesService,
        PlaceholderAddresses,
        StaleGuestsService,
        FiguresService,
      ],
    };
  }
}
