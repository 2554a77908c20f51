export type {
  Answer,
  AnswerError,
  AuthFetch,
  AuthFetchOptions,
  AuthStore,
  BetterAuthClient,
  OutgoingRequest,
  RequestOptions,
} from './better-auth-client.js';
export { ensureSession } from './ensure-session.js';
export {
  type ActionOptions,
  type ConfirmationError,
  type GuestActions,
  guestClient,
} from './guest-client.js';
export type {
  Confirmation,
  Link,
  LinkAgreement,
  LinkDetails,
  LinkPreview,
  LinkReceipt,
  LinkStatus,
  TablePreview,
  TableReceipt,
} from './links.js';
export type {
  AccountSession,
  AccountUser,
  NewAccount,
  PendingUpgrade,
  UpgradedGuest,
} from './upgrade.js';
