import { Injectable, Logger } from '@nestjs/common';
import type { UserId } from '../../users/user.js';
import { abortable } from '../merge/merge-connection.js';
import { MergePreviewer } from '../merge/merge-preview.js';
import { FixedLinkPolicy } from './fixed-link-policy.js';
import { LINK_DECISIONS, type LinkDecision, LinkPolicy } from './link-policy.js';

/** Asks the host's policy, and holds it to its time and to the answers there are. */
@Injectable()
export class DecisionsService {
  private readonly logger = new Logger(DecisionsService.name);

  constructor(
    private readonly policy: LinkPolicy,
    private readonly previews: MergePreviewer,
  ) {}

  /** Whether every link is merged without asking anybody. */
  get isAlwaysMerge(): boolean {
    return this.policy instanceof FixedLinkPolicy && this.policy.decide() === 'merge';
  }

  /** @throws whatever the policy throws, or that it took too long, or gave an answer that is none. */
  async decide(guestId: UserId, accountId: UserId, withinMs: number): Promise<LinkDecision> {
    const late = new AbortController();
    const timer = setTimeout(
      () => late.abort(new Error(`the link policy took longer than ${withinMs} ms`)),
      withinMs,
    );
    const context = {
      guest: { id: guestId },
      account: { id: accountId },
      preview: () => this.previews.preview(guestId, accountId),
      signal: late.signal,
    };
    try {
      const answer = await abortable(
        Promise.resolve().then(() => this.policy.decide(context)),
        late.signal,
      );
      if (LINK_DECISIONS.includes(answer)) return answer;
      throw new Error(`the link policy answered ${JSON.stringify(answer)}`);
    } finally {
      clearTimeout(timer);
    }
  }

  /** The decision, or `undefined` when there is none in time. Never throws. */
  async inTime(
    guestId: UserId,
    accountId: UserId,
    withinMs: number,
  ): Promise<LinkDecision | undefined> {
    try {
      return await this.decide(guestId, accountId, withinMs);
    } catch (error) {
      this.logger.warn(`A link is decided later: ${String(error)}`);
      return undefined;
    }
  }
}
