import { ConfigurableModuleBuilder, type DynamicModule, Module, type Type } from '@nestjs/common';
import { APP_INTERCEPTOR, RouterModule } from '@nestjs/core';
import { AuthModule } from '../auth/auth.module.js';
import { ChangeEmailController } from '../auth/change-email/change-email.controller.js';
import { EmailVerificationController } from '../auth/email-verification/email-verification.controller.js';
import { EmailOtpController } from '../auth/email-otp/email-otp.controller.js';
import { MagicLinkController } from '../auth/magic-link/magic-link.controller.js';
import type { Mailer } from '../auth/mail/mailer.js';
import { AccountController } from '../auth/account/account.controller.js';
import { SessionsController } from '../auth/account/sessions.controller.js';
import { SocialController } from '../auth/oidc/social.controller.js';
import { PasswordResetController } from '../auth/password-reset/password-reset.controller.js';
import { PasswordController } from '../auth/password/password.controller.js';
import { SessionController } from '../auth/session.controller.js';
import { LinksController } from '../linking/consent/links.controller.js';
import { LinkPolicy } from '../linking/policy/link-policy.js';
import { LinkingModule } from '../linking/linking.module.js';
import { LinkingService } from '../linking/linking.service.js';
import { type TableDeclaration, TableDeclarations } from '../linking/ownership/declarations.js';
import type { UserEntity } from '../users/auth-user.js';
import { UsersModule } from '../users/users.module.js';
import { AccountEraser } from './account/account-eraser.js';
import { DeleteUserController } from './account/delete-user.controller.js';
import type { AnonymousModuleOptions } from './anonymous.options.js';
import { CoreModule } from './core.module.js';
import { BelongingsEraser } from './deletion/belongings-eraser.js';
import { GuestAdmission } from './guests/guest-admission.service.js';
import { GuestEraser } from './guests/guest-eraser.js';
import { GuestGate, OpenGuestGate } from './guests/guest-gate.js';
import { GuestSignInService } from './guests/guest-sign-in.service.js';
import { GuestsController } from './guests/guests.controller.js';
import { GuestsService } from './guests/guests.service.js';
import { IssueKeysService } from './guests/issue-keys.service.js';
import { Contributors } from './insights/contributors.service.js';
import { GuestCounts } from './insights/guest-counts.service.js';
import { InsightsService } from './insights/insights.service.js';
import { BatchReaper } from './reaper/batch-reaper.js';
import { BeforeDelete } from './reaper/before-delete.js';
import { DryRun } from './reaper/dry-run.js';
import { ContributorReaper } from './reaper/contributor-reaper.js';
import { OwnerColumnsService } from './insights/owner-columns.service.js';
import { ReapRules } from './reaper/reap-rules.js';
import { reaperSchedule } from './reaper/reaper-schedule.js';
import { ReaperService } from './reaper/reaper.service.js';
import { GuestMergedInterceptor } from './requests/guest-merged.interceptor.js';
import { BoundGuests } from './own-login/bound-guests.js';
import { HostSignUps } from './own-login/host-sign-ups.js';
import { LoginLinks } from './own-login/login-links.js';
import { OwnLoginService } from './own-login/own-login.service.js';
import { UpgradeController } from './upgrade/upgrade.controller.js';
import { UpgradeService } from './upgrade/upgrade.service.js';

/** What has to be known before any value can be injected. */
export interface AnonymousModuleExtras {
  /** Whether guards and services are there in every module. @default true */
  isGlobal?: boolean;
  /** `false`: guards and services only, no routes. @default true */
  controllers?: boolean;
  /** First segment of every route. @default 'auth' */
  path?: string;
  /** Name of the DataSource that holds the users. @default the default one */
  dataSource?: string;
  /** As given to `anonymousEntities`. Needed only where the DataSource has several sets of these tables. */
  tablePrefix?: string;
  /** As given to `anonymousEntities`. Needed only where the DataSource has several sets of these tables. */
  userEntity?: UserEntity;
  /** Decides whether a request gets a guest. A provider class with normal injection. @default everybody does */
  guestGate?: Type<GuestGate>;
  /** Decides what becomes of guests, link by link, instead of `linking.policy`. A provider class with normal injection. */
  linkPolicy?: Type<LinkPolicy>;
  /**
   * Delivers mail instead of the server of `mail.smtp`. A provider class with normal injection.
   * @default by SMTP, if `mail` is there
   */
  mailer?: Type<Mailer>;
  /** Before the names of the Passport strategies. A second app in one process needs one. @default '' */
  strategyPrefix?: string;
}

const extras: AnonymousModuleExtras = {
  isGlobal: true,
  controllers: true,
  path: 'auth',
  dataSource: undefined,
  tablePrefix: undefined,
  userEntity: undefined,
  guestGate: undefined,
  linkPolicy: undefined,
  mailer: undefined,
  strategyPrefix: '',
};

const { ConfigurableModuleClass, MODULE_OPTIONS_TOKEN } =
  new ConfigurableModuleBuilder<AnonymousModuleOptions>({ moduleName: 'Anonymous' })
    .setClassMethodName('forRoot')
    .setFactoryMethodName('createAnonymousOptions')
    .setExtras(extras, compose)
    .build();

const services = [
  BelongingsEraser,
  GuestEraser,
  IssueKeysService,
  GuestAdmission,
  GuestsService,
  GuestSignInService,
  UpgradeService,
  BoundGuests,
  HostSignUps,
  LoginLinks,
  OwnLoginService,
  ReaperService,
  InsightsService,
];

/**
 * Guests first: import it once, beside the host's `TypeOrmModule`, and put the guards on controllers. Composes the other
 * modules and does nothing itself.
 */
@Module({})
export class AnonymousModule extends ConfigurableModuleClass {
  /**
   * Declares what a merge does with tables of the host. In any module, any number of times.
   * @param declarations from {@link owned} and {@link ignored}.
   */
  static forFeature(declarations: readonly TableDeclaration[]): DynamicModule {
    return {
      module: TableDeclarationsModule,
      providers: [
        { provide: Symbol('declarations'), useValue: new TableDeclarations(declarations) },
      ],
    };
  }
}

@Module({})
class TableDeclarationsModule {}

function compose(definition: DynamicModule, chosen: AnonymousModuleExtras): DynamicModule {
  const core = CoreModule.with(definition, MODULE_OPTIONS_TOKEN, chosen);
  const users = UsersModule.with([core], chosen.controllers !== false);
  const linking = LinkingModule.with([core, users], chosen.linkPolicy);
  const auth = AuthModule.with({
    imports: [core, users, linking, ...(definition.imports ?? [])],
    linker: LinkingService,
    mailer: chosen.mailer,
    strategyPrefix: chosen.strategyPrefix ?? '',
  });
  const path = chosen.path ?? 'auth';
  return {
    module: definition.module,
    global: chosen.isGlobal ?? true,
    imports: [
      core,
      users,
      linking,
      auth,
      RouterModule.register([{ path, module: definition.module as Type }]),
    ],
    controllers:
      chosen.controllers === false
        ? []
        : [
            GuestsController,
            UpgradeController,
            PasswordController,
            MagicLinkController,
            SocialController,
            EmailVerificationController,
            ChangeEmailController,
            EmailOtpController,
            PasswordResetController,
            SessionController,
            SessionsController,
            AccountController,
            DeleteUserController,
            LinksController,
          ],
    providers: [
      ...services,
      AccountEraser,
      ReapRules,
      BeforeDelete,
      BatchReaper,
      ContributorReaper,
      DryRun,
      GuestCounts,
      Contributors,
      OwnerColumnsService,
      reaperSchedule,
      { provide: GuestGate, useClass: chosen.guestGate ?? OpenGuestGate },
      { provide: APP_INTERCEPTOR, useClass: GuestMergedInterceptor },
    ],
    exports: [core, users, linking, auth, ...services],
  };
}
