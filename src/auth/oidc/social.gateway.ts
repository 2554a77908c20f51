import { Inject, Injectable } from '@nestjs/common';
import { AnonymousException } from '../../common/errors.js';
import { AccountGateway } from '../account/account-gateway.js';
import type { SessionOfAccount } from '../account/account-sessions.service.js';
import { guestOf } from '../arrivals/bound-guest.js';
import { AUTH_SETTINGS, type AuthSettings } from '../auth.settings.js';
import { FlowCookie } from '../flows/flow-cookie.js';
import { LinkPages } from '../pages/link-pages.js';
import { headerOf, type HttpRequest, pathOf } from '../requests/http-request.js';
import { RequestAuthenticator } from '../requests/request-authenticator.js';
import { SignInGateway } from '../requests/sign-in-gateway.js';
import { LinkedIdentitiesService } from './linked-identities.service.js';
import type { ProviderAnswer } from './provider-client.js';
import {
  type AccountOfVisit,
  type Destinations,
  type FinishedVisit,
  type VisitStart,
} from './provider-flows.service.js';
import type { LinkSocialDto, SignInSocialDto } from './social.dto.js';
import { SocialSignInService } from './social-sign-in.service.js';

const TITLE = 'Sign in';

/** Where the page has to send the person. */
export interface SocialView {
  readonly url: string;
  /** Whether better-auth's client goes there by itself. */
  readonly redirect: boolean;
}

/** The HTTP side of providers: the browser that sets out, and what it comes back with. */
@Injectable()
export class SocialGateway {
  constructor(
    @Inject(AUTH_SETTINGS) private readonly settings: AuthSettings,
    private readonly social: SocialSignInService,
    private readonly linked: LinkedIdentitiesService,
    private readonly accounts: AccountGateway,
    private readonly cookie: FlowCookie,
    private readonly authenticator: RequestAuthenticator,
    private readonly signIns: SignInGateway,
    private readonly pages: LinkPages,
  ) {}

  /** @throws AnonymousException `VALIDATION_FAILED` for a target that leads elsewhere, `PROVIDER_NOT_FOUND`, `PROVIDER_UNAVAILABLE` */
  async signIn(
    request: HttpRequest,
    response: object,
    body: Readonly<SignInSocialDto>,
  ): Promise<SocialView> {
    const guest = guestOf(await this.authenticator.caller(request));
    return this.start(request, response, body, { guest, account: undefined });
  }

  /** @throws AnonymousException as {@link signIn}, `SESSION_EXPIRED`, `UNAUTHORIZED` */
  async link(
    request: HttpRequest,
    response: object,
    body: Readonly<LinkSocialDto>,
  ): Promise<SocialView> {
    const { session } = await this.accounts.context(request);
    await this.linked.expectFresh(session);
    const { id: userId, epoch } = session.user;
    const account = { userId, epoch, session: session.handle };
    return this.start(request, response, body, { guest: undefined, account });
  }

  /** Whatever comes back from a provider: leads on to where the person wanted to be, or tells why not. */
  async finish(
    request: HttpRequest,
    response: object,
    provider: string,
    query: Readonly<Record<string, unknown>>,
  ): Promise<string> {
    const state = textOf(query.state);
    try {
      const visit = await this.social.end(state, provider, this.cookie.hashes(request));
      const url = await this.arrive(request, response, state!, visit, answerOf(query));
      return this.pages.lead(response, url, 302);
    } catch (error) {
      const target = await this.social.errorTarget(state);
      return this.pages.explain(response, TITLE, error, target, 302);
    }
  }

  private async start(
    request: HttpRequest,
    response: object,
    body: Readonly<SignInSocialDto>,
    who: Pick<VisitStart, 'guest' | 'account'>,
  ): Promise<SocialView> {
    const { provider, loginHint } = body;
    const url = await this.social.start(
      {
        ...who,
        provider,
        destinations: this.destinations(body),
        redirectUri: this.callback(request, provider),
        browserHash: this.cookie.give(request, response),
        endsWithBrowser: body.rememberMe === false,
      },
      loginHint,
    );
    return { url, redirect: body.disableRedirect !== true };
  }

  private destinations(body: Readonly<SignInSocialDto>): Destinations {
    const names = ['callbackURL', 'newUserCallbackURL', 'errorCallbackURL'] as const;
    const given = names.map((name) => [name, this.signIns.trusted(name, body[name])] as const);
    return Object.fromEntries(given.filter(([, target]) => target !== undefined));
  }

  /**
   * As the host has mounted our routes, and where this browser has our cookies: they do not go from one trusted origin to
   * another. What else a `Host` header says is nothing.
   */
  private callback(request: HttpRequest, provider: string): string {
    const { baseUrl, origins } = this.settings;
    const asked = `${baseUrl.protocol}//${headerOf(request, 'host')}`;
    const routes = pathOf(request).replace(/\/(sign-in\/social|link-social)\/?$/i, '');
    const origin = origins.has(asked) ? asked : baseUrl.origin;
    return `${origin}${routes}/callback/${encodeURIComponent(provider)}`;
  }

  /** @returns where to go. */
  private async arrive(
    request: HttpRequest,
    response: object,
    state: string,
    visit: FinishedVisit,
    answer: ProviderAnswer,
  ): Promise<string> {
    const { account, destinations } = visit;
    if (account) {
      const session = await this.sessionFor(request, account);
      const person = await this.social.identify(state, visit, answer);
      await this.linked.attach(session, account.epoch, person);
      return destinations.callbackURL ?? '/';
    }
    const wishes = { ...destinations, rememberMe: !visit.endsWithBrowser };
    const { url } = await this.signIns.run(request, response, wishes, async (context) =>
      this.social.signIn(await this.social.identify(state, visit, answer), visit, context),
    );
    return url ?? '/';
  }

  /**
   * The session whose account gets the identity. It has to be here still: signed out, or signed in to another account
   * meanwhile, and nothing is linked. A strict cookie never comes along from another site, so there the session that set out
   * is taken, if it has not ended, on the word of the flow cookie.
   * @throws AnonymousException `UNAUTHORIZED`
   */
  private async sessionFor(
    request: HttpRequest,
    { userId, session: handle }: AccountOfVisit,
  ): Promise<SessionOfAccount> {
    const { session } = (await this.authenticator.authenticate(request)) ?? {};
    if (session?.user.id === userId) return session;
    const isLeftBehind = !session && this.settings.cookie.sameSite === 'strict';
    if (isLeftBehind) return { user: { id: userId }, handle };
    throw new AnonymousException('UNAUTHORIZED', { cause: 'another session, or none' });
  }
}

/** What comes more than once is nothing that a provider sends. */
function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function answerOf(query: Readonly<Record<string, unknown>>): ProviderAnswer {
  const names = ['code', 'iss', 'error'] as const;
  const given = names.map((name) => [name, textOf(query[name])] as const);
  return Object.fromEntries(given.filter(([, value]) => value !== undefined));
}
