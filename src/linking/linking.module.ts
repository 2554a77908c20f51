import { type DynamicModule, Module, type ModuleMetadata, type Type } from '@nestjs/common';
import { ConsentService } from './consent/consent.service.js';
import { LinkCodes } from './consent/link-codes.js';
import { LinkViews } from './consent/link-views.js';
import { AgreementsService } from './ledger/agreements.service.js';
import { LinkOperationsService } from './ledger/link-operations.service.js';
import { ConsentsService } from './ledger/consents.service.js';
import { DecisionsService } from './policy/decisions.service.js';
import { FixedLinkPolicy } from './policy/fixed-link-policy.js';
import { LinkPolicy } from './policy/link-policy.js';
import { DiscoveryModule } from '@nestjs/core';
import { MergeEngine } from './engine/merge-engine.js';
import { DeclarationResolver } from './ownership/declaration-resolver.js';
import { LinkAttempts } from './attempts/link-attempts.js';
import { AnnouncerService } from './announcer.service.js';
import { AnnouncementsService } from './ledger/announcements.service.js';
import { DeparturesService } from './ledger/departures.service.js';
import { DueLinksService } from './ledger/due-links.service.js';
import { LedgerService } from './ledger/ledger.service.js';
import { OpeningsService } from './ledger/openings.service.js';
import { LinkingService } from './linking.service.js';
import { HandlerScope } from './merge/handler-scope.js';
import { HandlerStep } from './merge/handler-step.js';
import { MergeHandlerRegistry } from './merge/merge-handler.registry.js';
import { MergePlan } from './merge/merge-plan.js';
import { MergePreviewer } from './merge/merge-preview.js';
import { LateRowsService } from './late-rows.service.js';
import { TakeOver } from './merge/take-over.js';
import { MergeTransaction } from './merge/merge-transaction.js';
import { PartyLocksService } from './merge/party-locks.service.js';
import { OwnershipService } from './ownership/ownership.service.js';
import { ReconcilerService } from './reconciler.service.js';

/** Two users become one. */
@Module({})
export class LinkingModule {
  /**
   * @param imports must provide the settings of linking and of auth, the DataSource, the users and the session cache.
   * @param policy decides what becomes of guests.
   */
  static with(
    imports: ModuleMetadata['imports'],
    policy: Type<LinkPolicy> = FixedLinkPolicy,
  ): DynamicModule {
    return {
      module: LinkingModule,
      imports: [DiscoveryModule, ...(imports ?? [])],
      providers: [
        LedgerService,
        OpeningsService,
        DeclarationResolver,
        AnnouncementsService,
        ConsentsService,
        DueLinksService,
        AgreementsService,
        DeparturesService,
        LinkOperationsService,
        ConsentService,
        LinkCodes,
        LinkViews,
        DecisionsService,
        { provide: LinkPolicy, useClass: policy },
        AnnouncerService,
        OwnershipService,
        MergeHandlerRegistry,
        MergeEngine,
        MergePlan,
        HandlerScope,
        HandlerStep,
        MergePreviewer,
        TakeOver,
        MergeTransaction,
        PartyLocksService,
        LateRowsService,
        LinkAttempts,
        LinkingService,
        ReconcilerService,
      ],
      exports: [
        ConsentService,
        LinkViews,
        DeparturesService,
        HandlerScope,
        LateRowsService,
        LinkOperationsService,
        LinkingService,
        ReconcilerService,
        OwnershipService,
        MergeHandlerRegistry,
      ],
    };
  }
}
