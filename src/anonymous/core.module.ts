import { type DynamicModule, Module, type Provider } from '@nestjs/common';
import { getDataSourceToken } from '@nestjs/typeorm';
import type { DataSource } from 'typeorm';
import { AUTH_SETTINGS, resolveAuthSettings } from '../auth/auth.settings.js';
import {
  EMAIL_VERIFICATION_SETTINGS,
  resolveEmailVerificationSettings,
} from '../auth/email-verification/email-verification.settings.js';
import { resolveThrottleSettings, THROTTLE_SETTINGS } from '../auth/limits/throttle.settings.js';
import { MAIL_SETTINGS, resolveMailSettings } from '../auth/mail/mail.settings.js';
import { OIDC_SETTINGS, resolveOidcSettings } from '../auth/oidc/oidc.settings.js';
import { SessionCache } from '../auth/sessions/session-cache.js';
import { DomainEvents } from '../auth/domain-events.js';
import { Clock } from '../common/clock.js';
import { LINKING_SETTINGS, resolveLinkingSettings } from '../linking/linking.options.js';
import { FigureCounts } from '../users/figures/figure-counts.js';
import { FIGURES_SETTINGS, resolveFiguresSettings } from '../users/figures/figures.settings.js';
import { NEW_USER_OPTIONS, newUserOptions } from '../users/new-user.settings.js';
import { PreparedStatements } from '../users/prepared-statements.js';
import { Tables, type TableSelection } from '../users/tables.js';
import { USERS_DATA_SOURCE } from '../users/users.tokens.js';
import type { AnonymousModuleOptions } from './anonymous.options.js';
import { REAPER_SETTINGS, resolveReaperSettings } from './reaper/reaper.settings.js';
import { GUEST_SETTINGS, resolveGuestSettings } from './guests/guest.settings.js';

/** What every other module of the library is built on: the checked options, the DataSource, the clock, the events. */
@Module({})
export class CoreModule {
  /**
   * @param options the definition that provides the raw options under `token`.
   * @param where which DataSource of the host, the default one when absent, and which tables in it.
   */
  static with(
    options: DynamicModule,
    token: symbol | string,
    { dataSource, tablePrefix, userEntity }: TableSelection & { readonly dataSource?: string },
  ): DynamicModule {
    const settings = (provide: symbol, resolve: (o: AnonymousModuleOptions) => unknown) => ({
      provide,
      inject: [token],
      useFactory: resolve,
    });
    const providers: Provider[] = [
      settings(AUTH_SETTINGS, resolveAuthSettings),
      settings(MAIL_SETTINGS, resolveMailSettings),
      settings(OIDC_SETTINGS, (o) => resolveOidcSettings(o.providers)),
      settings(EMAIL_VERIFICATION_SETTINGS, resolveEmailVerificationSettings),
      settings(THROTTLE_SETTINGS, (o) => resolveThrottleSettings(o.throttle)),
      settings(LINKING_SETTINGS, (o) => resolveLinkingSettings(o.linking)),
      settings(GUEST_SETTINGS, (o) => resolveGuestSettings(o.guest)),
      settings(NEW_USER_OPTIONS, (o) => newUserOptions(o.guest)),
      settings(REAPER_SETTINGS, (o) => resolveReaperSettings(o.reaper)),
      settings(FIGURES_SETTINGS, (o) => resolveFiguresSettings(o.insights)),
      {
        provide: USERS_DATA_SOURCE,
        inject: [getDataSourceToken(dataSource)],
        useFactory: (source: DataSource) => source,
      },
      {
        provide: Tables,
        inject: [USERS_DATA_SOURCE],
        useFactory: (source: DataSource) => new Tables(source, { tablePrefix, userEntity }),
      },
      {
        provide: PreparedStatements,
        inject: [USERS_DATA_SOURCE, token],
        useFactory: (source: DataSource, chosen: AnonymousModuleOptions) =>
          new PreparedStatements(source, chosen),
      },
      Clock,
      DomainEvents,
      FigureCounts,
      SessionCache,
    ];
    return {
      module: CoreModule,
      imports: options.imports ?? [],
      providers: [...(options.providers ?? []), ...providers],
      exports: [
        AUTH_SETTINGS,
        MAIL_SETTINGS,
        OIDC_SETTINGS,
        EMAIL_VERIFICATION_SETTINGS,
        THROTTLE_SETTINGS,
        LINKING_SETTINGS,
        GUEST_SETTINGS,
        NEW_USER_OPTIONS,
        REAPER_SETTINGS,
        FIGURES_SETTINGS,
        USERS_DATA_SOURCE,
        Tables,
        PreparedStatements,
        Clock,
        DomainEvents,
        FigureCounts,
        SessionCache,
      ],
    };
  }
}
