import { Injectable } from '@nestjs/common';
import { AnonymousException } from '../../common/errors.js';
import { AuthenticationService, type SignedIn } from '../authentication.service.js';
import type { SignInContext } from '../sign-in-context.js';
import { FlowSecrets } from '../flows/flow-secrets.js';
import type { ExternalPerson } from './external-person.js';
import type { ProviderAnswer } from './provider-client.js';
import {
  type FinishedVisit,
  ProviderFlowsService,
  type VisitStart,
} from './provider-flows.service.js';
import { ProvidersService } from './providers.service.js';

/** Sends people to providers, and takes in those who come back. */
@Injectable()
export class SocialSignInService {
  constructor(
    private readonly providers: ProvidersService,
    private readonly flows: ProviderFlowsService,
    private readonly secrets: FlowSecrets,
    private readonly authentication: AuthenticationService,
  ) {}

  /**
   * @returns the provider's page to send the person to.
   * @throws AnonymousException `PROVIDER_NOT_FOUND`, `PROVIDER_UNAVAILABLE`; nothing has begun then.
   */
  async start(
    visit: Omit<VisitStart, 'nonce' | 'verifier'>,
    loginHint: string | undefined,
  ): Promise<string> {
    const { redirectUri } = visit;
    const [state, nonce, verifier] = [0, 1, 2].map(() => this.secrets.make()) as [
      string,
      string,
      string,
    ];
    const provider = this.providers.get(visit.provider);
    const url = await provider.authorizationUrl({ state, nonce, verifier, redirectUri }, loginHint);
    await this.flows.start(state, { ...visit, nonce, verifier });
    return url;
  }

  /**
   * Ends the visit that a state belongs to: once, in the browser that began it. Another browser may be made to bring an
   * answer that is not its own, so it gets nothing, not even a session without a guest.
   * @throws AnonymousException `PROVIDER_NOT_FOUND`, `INVALID_OR_EXPIRED`
   */
  async end(
    state: string | undefined,
    provider: string,
    browserHashes: readonly Buffer[],
  ): Promise<FinishedVisit> {
    this.providers.get(provider);
    const visit = this.secrets.isOne(state)
      ? await this.flows.end(state, provider, browserHashes)
      : undefined;
    if (!visit) throw new AnonymousException('INVALID_OR_EXPIRED', { cause: 'state' });
    return visit;
  }

  /** Where to go with a state that is worth nothing. */
  async errorTarget(state: string | undefined): Promise<string | undefined> {
    return this.secrets.isOne(state) ? this.flows.errorTarget(state) : undefined;
  }

  /** @throws AnonymousException `PROVIDER_REFUSED`, `PROVIDER_ANSWER_INVALID`, `PROVIDER_UNAVAILABLE` */
  identify(state: string, visit: FinishedVisit, answer: ProviderAnswer): Promise<ExternalPerson> {
    return this.providers.get(visit.provider).identify({ ...visit, state }, answer);
  }

  /** @throws AnonymousException as `AuthenticationService.complete`. */
  signIn(
    person: ExternalPerson,
    { guest }: FinishedVisit,
    context: SignInContext,
  ): Promise<SignedIn> {
    return this.authentication.complete(
      {
        kind: 'external',
        ...person,
        start: { guest, isSameBrowser: true },
      },
      context,
    );
  }
}
