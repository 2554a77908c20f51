import { Injectable } from '@nestjs/common';
import { DeparturesService } from '../../linking/ledger/departures.service.js';
import { type HoldingKind, OwnershipService } from '../../linking/ownership/ownership.service.js';
import type { Judgement, JudgedGuest, KeepRule } from '../../users/stale-guest.js';
import { OutdatedMapError } from './reaper.errors.js';
import type { KeptReason } from './reaper.report.js';
import type { ContributorPolicy } from './reaper.options.js';

/** `contributor`: nothing keeps it, but what it leaves behind has to go first. */
export type Verdict =
  Extract<KeptReason, 'open-link' | 'recently-merged' | 'owns-rows'> | 'contributor';

type Rule = KeepRule<Verdict>;

/** The policy as SQL: who of the stale guests stays, and why. */
@Injectable()
export class ReapRules {
  constructor(
    private readonly departures: DeparturesService,
    private readonly ownership: OwnershipService,
  ) {}

  /**
   * @param contributors what becomes of guests that own rows: with `delete` they are told apart, not kept.
   * @param isEveryoneTold whether a handler of the host wants to know of guests without rows as well.
   */
  judgement(contributors: ContributorPolicy, isEveryoneTold = false): Judgement<Verdict> {
    return {
      rules: [
        ...this.links(),
        ...(contributors === 'keep'
          ? [this.owning('owns-rows', ['owned', 'blocking', 'cascading'])]
          : [
              this.owning('owns-rows', ['blocking']),
              this.tombstonesWithRows(),
              isEveryoneTold ? this.everyGuest() : this.owning('contributor', ['owned']),
            ]),
      ],
      isCurrent: this.ownership.currentSql,
      forget: (guests) => this.departures.forgetting(guests),
    };
  }

  private links(): Rule[] {
    return [
      { reason: 'open-link', conditions: (user) => [this.departures.hasOpenLink(user)] },
      { reason: 'recently-merged', conditions: (user) => [this.departures.isLatelyMerged(user)] },
    ];
  }

  private owning(reason: Verdict, kinds: readonly HoldingKind[]): Rule {
    return { reason, conditions: (user) => this.ownership.holdings(kinds, user) };
  }

  /** But no tombstone: what it left behind elsewhere is its account's. */
  private everyGuest(): Rule {
    return {
      reason: 'contributor',
      conditions: (user) => [`NOT ${this.departures.isMerged(user)}`],
    };
  }

  /** Rows that came for a tombstone after its merge are an account's, whatever the policy for guests. */
  private tombstonesWithRows(): Rule {
    return {
      reason: 'owns-rows',
      conditions: (user) =>
        this.ownership
          .holdings(['owned'], user)
          .map((holding) => `${holding} AND ${this.departures.isMerged(user)}`),
    };
  }
}

/** @throws OutdatedMapError when the rules are about tables of the past. */
export function checkCurrent<Reason extends string>(
  judged: JudgedGuest<Reason>[],
): JudgedGuest<Reason>[] {
  if (judged.some(({ isCurrent }) => !isCurrent)) throw new OutdatedMapError();
  return judged;
}
