import { type BeforeApplicationShutdown, Inject, Injectable, Logger } from '@nestjs/common';
import { EVENTS } from '../../common/events.js';
import { DomainEvents } from '../../auth/domain-events.js';
import { FigureCounts } from '../../users/figures/figure-counts.js';
import type { AccountLink, LinkPair } from '../ledger/account-link.js';
import { AnnouncerService } from '../announcer.service.js';
import { DueLinksService, type TakenLink } from '../ledger/due-links.service.js';
import { ConsentsService } from '../ledger/consents.service.js';
import { UNDECIDED } from '../ledger/opening.js';
import { DecisionsService } from '../policy/decisions.service.js';
import { LedgerService } from '../ledger/ledger.service.js';
import { LINKING_SETTINGS, type LinkingSettings } from '../linking.options.js';
import { MergeTransaction } from '../merge/merge-transaction.js';
import { abortable } from '../merge/merge-connection.js';
import { isTransient, jitter } from './transient.js';

/** Merges that may go on in this process after their sign-in has been answered. */
const MOST_DETACHED = 2;
/** How often one attempt starts over when it gave way to somebody else's lock. */
const MOST_STARTS = 3;
const SHUTDOWN_GRACE_MS = 5_000;

/**
 * Where a link stands after an attempt; `null` when there was nothing to link after all, `undefined` when the ledger could
 * not be asked and the link is pending as far as anybody knows.
 */
export type AttemptResult = AccountLink | null | undefined;

interface Attempt {
  readonly result: Promise<AttemptResult>;
  readonly abort: AbortController;
}

/** Tries merges, one attempt for each link at a time, and never lets one fail anybody's sign-in. */
@Injectable()
export class LinkAttempts implements BeforeApplicationShutdown {
  private readonly logger = new Logger(LinkAttempts.name);
  private readonly running = new Map<string, Attempt>();
  private readonly detached = new Set<Attempt>();

  constructor(
    @Inject(LINKING_SETTINGS) private readonly settings: LinkingSettings,
    private readonly merges: MergeTransaction,
    private readonly ledger: LedgerService,
    private readonly due: DueLinksService,
    private readonly events: DomainEvents,
    private readonly announcer: AnnouncerService,
    private readonly decisions: DecisionsService,
    private readonly consents: ConsentsService,
    private readonly figures: FigureCounts,
  ) {}

  /** Tries the merge to its end, unless that has been given up. Never throws: a failure is in the ledger. */
  finish(link: TakenLink): Promise<AttemptResult> {
    if (link.status === 'pending') return this.start(link).result;
    this.giveUp(link);
    return Promise.resolve(link);
  }

  /**
   * Tries the merge for as long as the budget lasts. `undefined` when it is not done by then: it goes on by itself, or,
   * when too many do that already, is stopped and left to the reconciler.
   */
  async within(link: LinkPair, budgetMs: number): Promise<AttemptResult> {
    const attempt = this.start(link);
    const budget = AbortSignal.timeout(budgetMs);
    try {
      return await abortable(attempt.result, budget);
    } catch {
      this.detach(attempt);
      return undefined;
    }
  }

  /** Gives running merges a moment, then undoes them: they stay pending. */
  async beforeApplicationShutdown(): Promise<void> {
    const all = [...this.running.values()];
    const results = Promise.all(all.map(({ result }) => result));
    const grace = AbortSignal.timeout(SHUTDOWN_GRACE_MS);
    await abortable(results, grace).catch(() => {
      for (const { abort } of all) abort.abort(new Error('the application is shutting down'));
      return results;
    });
  }

  private start(link: LinkPair): Attempt {
    const known = this.running.get(link.id);
    if (known) return known;
    const abort = new AbortController();
    const attempt = { abort, result: this.attempt(link, abort) };
    this.running.set(link.id, attempt);
    void attempt.result.then(() => {
      this.running.delete(link.id);
      this.detached.delete(attempt);
    });
    return attempt;
  }

  private detach(attempt: Attempt): void {
    // Somebody else who waited for the same merge has left it to itself before.
    if (this.detached.has(attempt)) return;
    if (this.detached.size >= MOST_DETACHED) {
      attempt.abort.abort(new Error('too many merges are running on already'));
    } else {
      this.detached.add(attempt);
    }
  }

  private async attempt(link: LinkPair, abort: AbortController): Promise<AttemptResult> {
    const reason = new Error(`the merge took longer than ${this.settings.timeoutMs} ms`);
    const timer = setTimeout(() => abort.abort(reason), this.settings.timeoutMs);
    try {
      return await this.tryMerge(link, abort.signal);
    } catch (error) {
      return await this.fail(link, abort.signal.aborted ? abort.signal.reason : error);
    } finally {
      clearTimeout(timer);
    }
  }

  private async tryMerge(link: LinkPair, signal: AbortSignal): Promise<AttemptResult> {
    if (link.policy === UNDECIDED) {
      const decided = await this.decide(link);
      if (decided?.status !== 'pending') return decided;
    }
    for (let start = 1; ; start += 1) {
      try {
        const outcome = await abortable(this.merges.run(link, signal), signal);
        if (outcome.kind === 'merged') this.tell(outcome.link, outcome.guestAgeMs);
        if (outcome.kind !== 'settled-elsewhere')
          return outcome.kind === 'void' ? null : outcome.link;
        return (await this.ledger.find(link.id)) ?? null;
      } catch (error) {
        if (start === MOST_STARTS || signal.aborted || !isTransient(error)) throw error;
        await jitter(start);
      }
    }
  }

  /** Asks the policy that has not answered in time. `null` when the link is gone meanwhile. */
  private async decide({ id, guestId, accountId }: LinkPair): Promise<AccountLink | null> {
    if (accountId === null) return (await this.ledger.find(id)) ?? null;
    const decision = await this.decisions.decide(guestId, accountId, this.settings.timeoutMs);
    return (await this.consents.decide(id, decision)) ?? (await this.ledger.find(id)) ?? null;
  }

  /** Reads the ledger before it says "failed": when the answer to COMMIT was lost, the merge may be done. */
  private async fail(link: LinkPair, error: unknown): Promise<AttemptResult> {
    this.logger.warn(`Link ${link.id} stays pending: ${String(error)}`);
    try {
      // What broke the attempt may have broken a connection of the pool too; the next one is new.
      const postpone = () => this.due.postpone(link, error);
      const state = await postpone().catch(postpone);
      if (state?.status === 'merged' && !state.announced) this.tell(state, null);
      if (state?.status === 'failed') this.giveUp(state);
      return state ?? null;
    } catch (cause) {
      // The ledger row is durable: whoever finds it due takes it up.
      this.logger.error(`Link ${link.id} could not be put off.`, cause);
      return undefined;
    }
  }

  private tell(link: AccountLink, guestAgeMs: number | null): void {
    this.figures.countClaim('linked', guestAgeMs);
    void this.announcer.announce(link);
  }

  private giveUp({ id: linkId, guestId, accountId, attempts, error }: AccountLink): void {
    this.events.emit(EVENTS.accountLinkFailed, { linkId, guestId, accountId, attempts, error });
  }
}
