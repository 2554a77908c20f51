import type { AuthOptions, GuestCredentialOptions } from '../auth/auth.options.js';
import type { LinkingOptions } from '../linking/linking.options.js';
import type { ReaperOptions } from './reaper/reaper.options.js';
import type { InsightsOptions } from '../users/figures/figures.settings.js';
import type { StatementOptions } from '../users/prepared-statements.js';
import type { GuestIssuingOptions } from './guests/guest.settings.js';

/** Everything about guests. */
export interface GuestOptions extends GuestCredentialOptions, GuestIssuingOptions {}

/** The options of `AnonymousModule.forRoot`. Every duration is a string with its unit. */
export interface AnonymousModuleOptions extends AuthOptions, StatementOptions {
  readonly guest?: GuestOptions;
  readonly linking?: LinkingOptions;
  readonly reaper?: ReaperOptions;
  readonly insights?: InsightsOptions;
}
