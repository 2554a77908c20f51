import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { AddressesService } from '../../users/addresses.service.js';
import { UsersService } from '../../users/users.service.js';
import { USERS_DATA_SOURCE } from '../../users/users.tokens.js';
import { linkPage, type PasswordField } from '../pages/page-templates.js';
import type { SessionClaims } from '../tokens/session-claims.js';
import { PasswordBesideLink } from './password-beside-link.service.js';
import type { VerificationLink } from './verification-links.service.js';
import type { VerificationPurpose } from './verification-mails.js';

/** Who looks at the page. */
export interface PageVisitor {
  readonly isSameBrowser: boolean;
  readonly caller: SessionClaims | undefined;
  /** What went wrong the last time. */
  readonly note: string | undefined;
}

interface PageWording {
  readonly title: string;
  readonly before: string;
  readonly after: string;
  readonly button: string;
  /** Once it is done, where nobody is signed in. */
  readonly done: string;
}

const WORDING: Readonly<Record<VerificationPurpose, PageWording>> = {
  'verify-email': {
    title: 'Confirm your address',
    before: 'Is ',
    after: ' your address?',
    button: 'Yes, it is mine',
    done: 'Your address is confirmed.',
  },
  'sign-up': {
    title: 'Finish signing up',
    before: 'Sign up with ',
    after: '?',
    button: 'Sign up',
    done: 'You are signed up.',
  },
  'change-email': {
    title: 'Confirm your new address',
    before: 'Make ',
    after: ' the address of your account?',
    button: 'Yes, change it',
    done: 'Your account has its new address. You are signed out everywhere, and its password has ended: ask for a new one.',
  },
};

/** For a sign-up with an address that has an account: whoever has the mail may know. */
const SIGN_IN: Omit<PageWording, 'done'> = {
  title: 'Sign in',
  before: 'You have an account already. Sign in as ',
  after: '?',
  button: 'Sign in',
};

const LABELS: Readonly<Record<'account' | 'chosen', string>> = {
  account:
    'The password of the account, if you know it. Without it, that password ends and everybody is signed out',
  chosen: 'The password that you have chosen. Without it, you sign in by mail the next time',
};

/** What the page behind a link that proves an address says, and asks for. */
@Injectable()
export class VerificationPages {
  constructor(
    @Inject(USERS_DATA_SOURCE) private readonly dataSource: DataSource,
    private readonly users: UsersService,
    private readonly addresses: AddressesService,
    private readonly passwords: PasswordBesideLink,
  ) {}

  wordingOf({ purpose }: Pick<VerificationLink, 'purpose'>): Pick<PageWording, 'title' | 'done'> {
    return WORDING[purpose];
  }

  /** @param action path that the form posts to. */
  async render(link: VerificationLink, action: string, visitor: PageVisitor): Promise<string> {
    const isKnown =
      link.purpose === 'sign-up' &&
      (await this.addresses.isProven(this.dataSource, link.flow.email));
    const { title, before, after, button } = isKnown ? SIGN_IN : WORDING[link.purpose];
    const instead = link.purpose === 'change-email' ? await this.oldAddressOf(link) : null;
    return linkPage({
      title,
      note: visitor.note,
      // Whose account it is must be seen: somebody else may have asked for the mail.
      question: [
        before,
        link.flow.email,
        instead === null ? after : ` the address of the account of ${instead}?`,
      ],
      action,
      token: link.token,
      field: await this.fieldOf(link, visitor),
      button,
    });
  }

  private async oldAddressOf({ flow }: VerificationLink): Promise<string | null> {
    if (!flow.account) return null;
    return (await this.users.findById(this.dataSource, flow.account.id))?.email ?? null;
  }

  /** A sign-up that ends where it began has its password already. */
  private async fieldOf(
    link: VerificationLink,
    { isSameBrowser, caller }: PageVisitor,
  ): Promise<PasswordField | undefined> {
    if (link.purpose === 'change-email') return undefined;
    const { account, chosen } = await this.passwords.tellingOf(link, caller);
    const isAsked = link.purpose === 'sign-up' ? !isSameBrowser : account !== undefined;
    if (!isAsked || (account === undefined && chosen === undefined)) return undefined;
    return {
      name: 'password',
      label: LABELS[chosen === undefined ? 'account' : 'chosen'],
      autocomplete: 'current-password',
      optional: true,
    };
  }
}
