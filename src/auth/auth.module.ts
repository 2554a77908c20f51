import {
  type DynamicModule,
  Module,
  type ModuleMetadata,
  type Provider,
  type Type,
} from '@nestjs/common';
import { AccountGateway } from './account/account-gateway.js';
import { AccountProfileService } from './account/account-profile.service.js';
import { AccountSessionsService } from './account/account-sessions.service.js';
import { PasswordChangesService } from './account/password-changes.service.js';
import { PasswordCheck } from './account/password-check.js';
import { AccountLinker } from './account-linker.js';
import { AUTH_SETTINGS, type AuthSettings } from './auth.settings.js';
import { AuthenticationService } from './authentication.service.js';
import { AddressProofsService } from './arrivals/address-proofs.service.js';
import { ArrivalsService } from './arrivals/arrivals.service.js';
import { EntryService } from './arrivals/entry.service.js';
import { ExternalArrivals } from './arrivals/external-arrivals.js';
import { GuestUpgrader } from './arrivals/guest-upgrader.js';
import { ChangeEmailGateway } from './change-email/change-email.gateway.js';
import { ChangeEmailRequests } from './change-email/change-email-requests.service.js';
import { ChangeEmailService } from './change-email/change-email.service.js';
import { EmailVerificationGateway } from './email-verification/email-verification.gateway.js';
import { EmailVerificationService } from './email-verification/email-verification.service.js';
import { PasswordBesideLink } from './email-verification/password-beside-link.service.js';
import { VerificationGateway } from './email-verification/verification.gateway.js';
import { VerificationLinks } from './email-verification/verification-links.service.js';
import { VerificationMails } from './email-verification/verification-mails.js';
import { VerificationPages } from './email-verification/verification-pages.service.js';
import { FlowAttempts } from './flows/flow-attempts.service.js';
import { EmailOtpGateway } from './email-otp/email-otp.gateway.js';
import { EmailOtpService } from './email-otp/email-otp.service.js';
import { CodesService } from './flows/codes.service.js';
import { PendingFlows } from './flows/pending-flows.service.js';
import { FlowCookie } from './flows/flow-cookie.js';
import { FlowSecrets } from './flows/flow-secrets.js';
import { FlowsService } from './flows/flows.service.js';
import { AddressLimits } from './limits/address-limits.service.js';
import { ClientLimits } from './limits/client-limits.service.js';
import { LimitStorage } from './limits/limit-storage.service.js';
import { Guesses } from './limits/guesses.service.js';
import { MagicLinkGateway } from './magic-link/magic-link.gateway.js';
import { MagicLinkService } from './magic-link/magic-link.service.js';
import { MailQuota } from './mail/mail-quota.service.js';
import { Mailer } from './mail/mailer.js';
import { Outbox } from './mail/outbox.service.js';
import { SmtpMailer } from './mail/smtp.mailer.js';
import { LinkedIdentitiesService } from './oidc/linked-identities.service.js';
import { ProviderFlowsService } from './oidc/provider-flows.service.js';
import { ProvidersService } from './oidc/providers.service.js';
import { SocialGateway } from './oidc/social.gateway.js';
import { SocialSignInService } from './oidc/social-sign-in.service.js';
import { LinkPages } from './pages/link-pages.js';
import { PasswordResetGateway } from './password-reset/password-reset.gateway.js';
import { PasswordResetsService } from './password-reset/password-resets.service.js';
import { PasswordService } from './password/password.service.js';
import { CredentialReader } from './requests/credential-reader.js';
import { CredentialWriter } from './requests/credential-writer.js';
import { ForgeryPolicy } from './requests/forgery.policy.js';
import { HostUsers } from './requests/host-users.js';
import { RequestAuthenticator } from './requests/request-authenticator.js';
import { SessionGuard } from './requests/session.guard.js';
import { SignInGateway } from './requests/sign-in-gateway.js';
import { UserOfRequest } from './requests/user-of-request.js';
import { CurrentSessionService } from './sessions/current-session.service.js';
import { ExpirySweeper } from './sessions/expiry-sweeper.js';
import { PendingSignUps } from './sign-up/pending-sign-ups.service.js';
import { SignUpGateway } from './sign-up/sign-up.gateway.js';
import { SessionKeeper } from './sessions/session-keeper.js';
import { SessionsService } from './sessions/sessions.service.js';
import { registerStrategies } from './strategies/session.strategies.js';
import { TokenService } from './tokens/token.service.js';

export interface AuthModuleWiring {
  /** Modules that provide the settings, the users and the linker. */
  readonly imports: ModuleMetadata['imports'];
  /** Who is told that a guest met an account. */
  readonly linker: Type<AccountLinker>;
  /** Delivers mail. @default by SMTP, if the options name a server */
  readonly mailer?: Type<Mailer>;
  /** Before the names of the Passport strategies. */
  readonly strategyPrefix: string;
}

const STRATEGIES = Symbol('nestjs-anonymous:strategies');

const services = [
  LimitStorage,
  ClientLimits,
  AddressLimits,
  Guesses,
  MailQuota,
  TokenService,
  CredentialReader,
  CredentialWriter,
  ForgeryPolicy,
  HostUsers,
  UserOfRequest,
  SessionsService,
  SessionKeeper,
  ExpirySweeper,
  RequestAuthenticator,
  CurrentSessionService,
  AddressProofsService,
  GuestUpgrader,
  ExternalArrivals,
  ArrivalsService,
  EntryService,
  FlowSecrets,
  FlowCookie,
  FlowsService,
  CodesService,
  AuthenticationService,
  SignInGateway,
  PasswordService,
  AccountGateway,
  AccountProfileService,
  AccountSessionsService,
  PasswordCheck,
  PasswordChangesService,
  SessionGuard,
  Outbox,
  LinkPages,
  MagicLinkService,
  MagicLinkGateway,
  ProvidersService,
  ProviderFlowsService,
  SocialSignInService,
  LinkedIdentitiesService,
  SocialGateway,
  FlowAttempts,
  PendingFlows,
  VerificationMails,
  EmailVerificationService,
  EmailVerificationGateway,
  PasswordBesideLink,
  VerificationLinks,
  VerificationPages,
  VerificationGateway,
  ChangeEmailRequests,
  ChangeEmailService,
  ChangeEmailGateway,
  PendingSignUps,
  SignUpGateway,
  EmailOtpService,
  EmailOtpGateway,
  PasswordResetsService,
  PasswordResetGateway,
];

/** Who is calling, and the one place where every sign-in ends. */
@Module({})
export class AuthModule {
  static with({ imports, linker, mailer, strategyPrefix }: AuthModuleWiring): DynamicModule {
    return {
      module: AuthModule,
      imports: imports ?? [],
      providers: [
        { provide: AccountLinker, useExisting: linker },
        { provide: Mailer, useClass: mailer ?? SmtpMailer },
        ...services,
        strategies(strategyPrefix),
      ],
      exports: [AccountLinker, Mailer, ...services],
    };
  }
}

function strategies(prefix: string): Provider {
  return {
    provide: STRATEGIES,
    inject: [AUTH_SETTINGS, TokenService, CredentialReader, RequestAuthenticator, ForgeryPolicy],
    useFactory: (
      settings: AuthSettings,
      tokens: TokenService,
      credentials: CredentialReader,
      authenticator: RequestAuthenticator,
      forgery: ForgeryPolicy,
    ) => registerStrategies(prefix, { settings, tokens, credentials, authenticator, forgery }),
  };
}
