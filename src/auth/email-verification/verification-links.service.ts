import { Injectable } from '@nestjs/common';
import { AnonymousException } from '../../common/errors.js';
import { AuthenticationService, type SignedIn } from '../authentication.service.js';
import type { SignInContext } from '../sign-in-context.js';
import { FlowsService, type LiveFlow } from '../flows/flows.service.js';
import { PasswordBesideLink } from './password-beside-link.service.js';
import type { VerificationPurpose } from './verification-mails.js';

/** A link that works. */
export interface VerificationLink {
  readonly purpose: VerificationPurpose;
  readonly token: string;
  readonly flow: LiveFlow;
}

/** What comes with the token when somebody ends the flow. */
export interface Redeemer {
  readonly isSameBrowser: boolean;
  /** Typed on the page. */
  readonly password: string | undefined;
}

const PURPOSES: readonly VerificationPurpose[] = ['verify-email', 'sign-up', 'change-email'];

/** Links that prove an address: which one a token belongs to, and signing in with it. */
@Injectable()
export class VerificationLinks {
  constructor(
    private readonly flows: FlowsService,
    private readonly passwords: PasswordBesideLink,
    private readonly authentication: AuthenticationService,
  ) {}

  /** Changes nothing. @throws AnonymousException `INVALID_OR_EXPIRED` */
  async find(token: string): Promise<VerificationLink> {
    for (const purpose of PURPOSES) {
      const flow = await this.flows.find(purpose, token);
      if (flow) return { purpose, token, flow };
    }
    throw new AnonymousException('INVALID_OR_EXPIRED');
  }

  /**
   * Signs in whoever proved the address by this. If that fails for another reason than the link, the link is as good as
   * before. A password that waits with a sign-up counts only for who has chosen it: the browser that asked, or who types it.
   * @throws AnonymousException `INVALID_OR_EXPIRED`, `INVALID_PASSWORD`, and as `AuthenticationService.complete`.
   */
  async signIn(
    link: VerificationLink,
    { isSameBrowser, password }: Redeemer,
    context: SignInContext,
  ): Promise<SignedIn> {
    const { purpose, token, flow } = link;
    const { email, guest, details } = flow;
    const shown = await this.passwords.check(link, password, context.caller);
    return this.authentication.complete(
      {
        kind: 'address',
        email,
        name: details.name ?? null,
        image: details.image ?? null,
        newSecretHash: isSameBrowser || shown.isChosen ? details.secretHash : undefined,
        shownSecretHash: shown.accountHash,
        start: { guest, isSameBrowser },
        redeem: (manager) => this.flows.redeem(manager, purpose, token),
        refusal: 'INVALID_OR_EXPIRED',
      },
      context,
    );
  }
}
