import { Injectable } from '@nestjs/common';
import type { FlowPurpose } from '../flows/flows.service.js';
import { AddressLimits } from '../limits/address-limits.service.js';

/** What mails are for: those for one thing are counted together. */
const KINDS: Readonly<Record<FlowPurpose, string>> = {
  'magic-link': 'sign-in',
  'sign-in-code': 'sign-in',
  'sign-up': 'proof',
  'verify-email': 'proof',
  'change-email': 'proof',
  'reset-password': 'reset',
};

/** Keeps anybody from filling somebody's mailbox: so many mails to one address, whoever asks for them. */
@Injectable()
export class MailQuota {
  constructor(private readonly limits: AddressLimits) {}

  /**
   * Counts a mail to an address, before anything is done for it: where there is room for no more, the last link or code stays
   * good, and the answer is the same as ever.
   * @param email normalised; whether anybody has it makes no difference.
   * @returns whether the mail may go out.
   */
  async take(purpose: FlowPurpose, email: string): Promise<boolean> {
    const { places } = await this.limits.take({ limit: 'mail', who: [KINDS[purpose], email] });
    return places !== undefined;
  }
}
