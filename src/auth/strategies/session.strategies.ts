import { PassportStrategy } from '@nestjs/passport';
import { ExtractJwt, Strategy } from 'passport-jwt';
import type { AuthSettings } from '../auth.settings.js';
import { CredentialReader } from '../requests/credential-reader.js';
import { ForgeryPolicy } from '../requests/forgery.policy.js';
import type { HttpRequest } from '../requests/http-request.js';
import { type Principal, principalOf } from '../requests/principal.js';
import { RequestAuthenticator } from '../requests/request-authenticator.js';
import { TokenService } from '../tokens/token.service.js';

/** What the strategies need from the module. */
export interface StrategyTools {
  readonly settings: AuthSettings;
  readonly tokens: TokenService;
  readonly credentials: CredentialReader;
  readonly authenticator: RequestAuthenticator;
  readonly forgery: ForgeryPolicy;
}

/**
 * Registers the two Passport strategies, for a host that lists ours beside its own:
 * `AuthGuard(['jwt', 'anonymous-guest'])`. `anonymous-session` accepts any live identity, `anonymous-guest` guests only.
 * Passport's registry is one for the whole process, so a second app in it needs a `prefix`. Our own guards don't use it.
 */
export function registerStrategies(prefix: string, tools: StrategyTools): void {
  registerStrategy(`${prefix}anonymous-session`, tools, () => true);
  registerStrategy(`${prefix}anonymous-guest`, tools, (principal) => principal.isAnonymous);
}

function registerStrategy(
  name: string,
  { settings, tokens, credentials, authenticator, forgery }: StrategyTools,
  accepts: (principal: Principal) => boolean,
): void {
  class SessionStrategy extends PassportStrategy(Strategy, name) {
    constructor() {
      super({
        // The host's own bearer token may sit on the same request; ours is the one that names our key.
        jwtFromRequest: ExtractJwt.fromExtractors([
          (request: HttpRequest) => ours(credentials.bearer(request)),
          (request: HttpRequest) => ours(credentials.cookie(request)),
        ]),
        // A KeyObject, which jsonwebtoken takes and its types for this callback do not know.
        secretOrKeyProvider: (_request, token: string, done) =>
          done(null, tokens.keyOf(token) as unknown as Buffer),
        algorithms: ['HS256'],
        issuer: settings.issuer,
        audience: settings.audience,
        passReqToCallback: true,
      });
    }

    async validate(request: HttpRequest): Promise<unknown> {
      forgery.check(request);
      const authenticated = await authenticator.authenticate(request);
      const principal = authenticated && principalOf(authenticated.session);
      return principal !== undefined && accepts(principal) && settings.passportUser(principal);
    }
  }

  function ours(token: string | undefined): string | null {
    return token !== undefined && tokens.keyOf(token) ? token : null;
  }

  new SessionStrategy();
}
