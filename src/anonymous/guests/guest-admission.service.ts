import { HttpException, Injectable, Logger } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { ClientLimits } from '../../auth/limits/client-limits.service.js';
import { atMost, reasonOf } from '../../auth/mail/trouble.js';
import { clientOf } from '../../auth/requests/client-info.js';
import type { HttpRequest } from '../../auth/requests/http-request.js';
import { ERROR_CODES } from '../../common/error-codes.js';
import { AnonymousException } from '../../common/errors.js';
import {
  GuestGate,
  type GuestGateContext,
  type GuestGateDecision,
  OpenGuestGate,
} from './guest-gate.js';
import { type IssueKey, IssueKeysService } from './issue-keys.service.js';

const GATE_PATIENCE_MS = 3_000;
/** As long as a key is good for. */
const KEYS_KEPT_MS = 60_000;
const MOST_KEYS = 10_000;

/** Requests with one key: the first is asked, the others go along. */
interface Party {
  readonly admitted: Promise<void>;
  isUnderWay: boolean;
}

/** Asks whether there may be one more guest: the limit first, so that nobody can keep the gate busy, then the gate. */
@Injectable()
export class GuestAdmission {
  private readonly logger = new Logger(GuestAdmission.name);
  private readonly parties = new LRUCache<string, Party>({ max: MOST_KEYS, ttl: KEYS_KEPT_MS });

  constructor(
    private readonly limits: ClientLimits,
    private readonly gate: GuestGate,
    private readonly keys: IssueKeysService,
  ) {}

  /**
   * Issues if it may. With a key that has issued a guest already nobody is asked again: nothing new comes of it.
   * @throws AnonymousException `TOO_MANY_REQUESTS`, `TEMPORARILY_UNAVAILABLE` when the gate cannot be asked; HttpException 403
   * from the gate.
   */
  async during<Issued>(
    request: HttpRequest,
    key: IssueKey | undefined,
    isLimited: boolean,
    issue: () => Promise<Issued>,
  ): Promise<Issued> {
    const isOpen = this.gate instanceof OpenGuestGate && !this.limits.isOn('guests');
    if (isOpen) return issue();
    if (!key) {
      await this.ask(request, isLimited);
      return issue();
    }
    const id = key.toString('base64url');
    const before = this.parties.get(id);
    if (before && !before.isUnderWay && (await this.keys.find(key))) return issue();
    // Another may have come first meanwhile.
    const others = this.parties.get(id);
    if (others?.isUnderWay) {
      await others.admitted;
      return issue();
    }
    return this.lead(id, this.ask(request, isLimited), issue);
  }

  private async lead<Issued>(
    id: string,
    admitted: Promise<void>,
    issue: () => Promise<Issued>,
  ): Promise<Issued> {
    const party: Party = { admitted, isUnderWay: true };
    this.parties.set(id, party);
    try {
      await admitted;
      return await issue();
    } finally {
      party.isUnderWay = false;
    }
  }

  private async ask(request: HttpRequest, isLimited: boolean): Promise<void> {
    if (isLimited) await this.limits.take('guests', 'guests', request);
    if (this.gate instanceof OpenGuestGate) return;
    const isRush = await this.limits.isRush();
    enforce(await this.decide({ client: clientOf(request), request, isRush }));
  }

  private async decide(context: GuestGateContext): Promise<GuestGateDecision> {
    try {
      return await atMost(GATE_PATIENCE_MS, this.gate.check(context));
    } catch (error) {
      // The host's own answer, thrown instead of returned.
      if (error instanceof HttpException) throw error;
      this.logger.error(`The guest gate could not be asked: ${reasonOf(error)}`, error);
      throw new AnonymousException('TEMPORARILY_UNAVAILABLE', { cause: error });
    }
  }
}

/** @throws HttpException 403, for whatever is not "allow". */
function enforce(decision: GuestGateDecision): void {
  if (decision.outcome === 'allow') return;
  const fallback = decision.outcome === 'challenge' ? 'CHALLENGE_REQUIRED' : 'GUEST_REFUSED';
  const [statusCode, text] = ERROR_CODES[fallback];
  const { code = fallback, message = text, hint } = decision;
  throw new HttpException(
    { statusCode, code, message, ...(hint !== undefined && { hint }) },
    statusCode,
  );
}
