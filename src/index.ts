export { AnonymousModule, type AnonymousModuleExtras } from './anonymous/anonymous.module.js';
export type { AnonymousModuleOptions, GuestOptions } from './anonymous/anonymous.options.js';
export {
  anonymousEntities,
  anonymousMigrations,
  type MigrationOptions,
  type TableOptions,
} from './anonymous/entities.js';
export {
  GuestGate,
  type GuestGateContext,
  type GuestGateDecision,
} from './anonymous/guests/guest-gate.js';
export type { GuestIssuingOptions } from './anonymous/guests/guest.settings.js';
export {
  GuestsService,
  type IssuedGuest,
  type IssueOptions,
} from './anonymous/guests/guests.service.js';
export { InsightsService } from './anonymous/insights/insights.service.js';
export type {
  ClaimBucket,
  GuestDay,
  GuestTotals,
  InsightsPeriod,
  OpenLink,
  OpenLinksQuery,
} from './anonymous/insights/insights.views.js';
export { LinksGuest } from './anonymous/own-login/links-guest.decorator.js';
export type { LinksGuestOptions } from './anonymous/own-login/links-guest.options.js';
export type { AccountWork } from './anonymous/own-login/host-sign-ups.js';
export { OwnLoginService } from './anonymous/own-login/own-login.service.js';
export { EnsureIdentity } from './anonymous/requests/ensure-identity.decorator.js';
export {
  cleanupAnonymousUsers,
  type CleanupOptions,
} from './anonymous/reaper/cleanup-anonymous-users.js';
export type { KeptReason, ReaperProgress, ReaperReport } from './anonymous/reaper/reaper.report.js';
export { type ReaperRunOptions, ReaperService } from './anonymous/reaper/reaper.service.js';
export type {
  BeforeDeleteContext,
  ContributorPolicy,
  ReaperOptions,
} from './anonymous/reaper/reaper.options.js';
export { UpgradeService } from './anonymous/upgrade/upgrade.service.js';
export type { LinkReceipt, LinkStatus, LinkView, TableReceipt } from './auth/account-linker.js';
export type {
  AuthOptions,
  CookieOptions,
  GuestCredentialOptions,
  PassportOptions,
  PasswordOptions,
  SessionOptions,
} from './auth/auth.options.js';
export { AuthenticationService, type SignedIn } from './auth/authentication.service.js';
export type { SignInContext } from './auth/sign-in-context.js';
export type { EmailVerificationLinkOptions } from './auth/email-verification/email-verification.settings.js';
export type {
  AddressChangedView,
  VerificationView,
} from './auth/email-verification/verification-view.js';
export type {
  AddressLimitOptions,
  Limit,
  ThrottleOptions,
} from './auth/limits/throttle.options.js';
export type {
  EmailOtpOptions,
  MagicLinkOptions,
  MailOptions,
  PasswordResetOptions,
  SmtpOptions,
} from './auth/mail/mail.options.js';
export { Mailer, type MailMessage } from './auth/mail/mailer.js';
export {
  google,
  type GoogleOptions,
  oidc,
  type OidcOptions,
  type OidcProvider,
} from './auth/oidc/provider.js';
export type { PasswordHashing } from './auth/password/password-hashing.js';
export type {
  AccountProof,
  AddressProof,
  ExternalProof,
  FlowOrigin,
  NewIdentityProof,
  Proof,
} from './auth/proof.js';
export {
  AccountOnly,
  GuestOnly,
  type IdentityOptions,
  OptionalIdentity,
  Public,
} from './auth/requests/access.decorators.js';
export type { ClientInfo } from './auth/requests/client-info.js';
export { CurrentUser } from './auth/requests/current-user.decorator.js';
export type { HttpRequest } from './auth/requests/http-request.js';
export type { Principal } from './auth/requests/principal.js';
export { SessionGuard } from './auth/requests/session.guard.js';
export { AnonymousExceptionFilter } from './auth/responses/anonymous-exception.filter.js';
export { UnavailableInterceptor } from './auth/responses/unavailable.interceptor.js';
export type {
  CurrentSessionView,
  IssuedSessionView,
  PendingSignUpView,
  PendingUpgradeView,
  SessionView,
  SignInView,
  UserView,
} from './auth/responses/views.js';
export { Clock } from './common/clock.js';
export type { Duration } from './common/duration.js';
export { ERROR_CODES, type ErrorCode } from './common/error-codes.js';
export { AnonymousException, ConfigurationError, type FieldError } from './common/errors.js';
export {
  type AccountLinkFailedEvent,
  EVENTS,
  type GuestIssuedEvent,
  type GuestReapedEvent,
  type GuestUpgradedEvent,
} from './common/events.js';
export type { AccountLinkedEvent } from './linking/account-linked.event.js';
export { LateRowsService } from './linking/late-rows.service.js';
export { LinkingService } from './linking/linking.service.js';
export type { LinkingOptions, RetryOptions } from './linking/linking.options.js';
export {
  type DiscardContext,
  type MergeContext,
  type MergeEvent,
  MergeHandler,
  type MergeHandlerOptions,
  type MergeParty,
  type MergeReport,
  type RowKey,
} from './linking/merge/merge-handler.js';
export {
  type CollisionStrategy,
  type Combination,
  combine,
  ignored,
  newest,
  owned,
  type OwnedOptions,
  type TableDeclaration,
  type TableTarget,
} from './linking/ownership/declarations.js';
export type { LinkConfirmation } from './linking/consent/confirm-link.dto.js';
export type { OwnLinkView } from './linking/consent/link-views.js';
export type { LinkDetails } from './linking/consent/links.controller.js';
export type { LinkAgreement } from './linking/ledger/agreements.service.js';
export {
  type LinkDecision,
  LinkPolicy,
  type LinkPolicyContext,
} from './linking/policy/link-policy.js';
export type { MergePreview, TablePreview } from './linking/merge/merge-preview.js';
export { ReconcilerService } from './linking/reconciler.service.js';
export type { InsightsOptions } from './users/figures/figures.settings.js';
export type { ClaimTime } from './users/figures/guest-figure.js';
export { Identity } from './users/identity.js';
export type { AuthUser, UserEntity } from './users/auth-user.js';
export type { NewUserOptions } from './users/new-user.settings.js';
export type { AccountProfile } from './users/users.service.js';
export { User, UserBase, type UserId } from './users/user.js';
