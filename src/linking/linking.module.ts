import { type DynamicModule, Module, type ModuleMetadata } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { MergeEngine } from './engine/merge-engine.js';
import { DeclarationResolver } from './ownership/declaration-resolver.js';
import { LinkAttempts } from './attempts/link-attempts.js';
import { AnnouncerService } from './announcer.service.js';
import { AnnouncementsService } from './ledger/announcements.service.js';
import { LedgerService } from './ledger/ledger.service.js';
import { LinkingService } from './linking.service.js';
import { HandlerScope } from './merge/handler-scope.js';
import { HandlerStep } from './merge/handler-step.js';
import { MergeHandlerRegistry } from './merge/merge-handler.registry.js';
import { MergePlan } from './merge/merge-plan.js';
import { MergePreviewer } from './merge/merge-preview.js';
import { MergeTransaction } from './merge/merge-transaction.js';
import { OwnershipService } from './ownership/ownership.service.js';
import { ReconcilerService } from './reconciler.service.js';

/** Two users become one. */
@Module({})
export class LinkingModule {
  /** @param imports must provide the settings, the DataSource and the users. */
  static with(imports: ModuleMetadata['imports']): DynamicModule {
    return {
      module: LinkingModule,
      imports: [DiscoveryModule, ...(imports ?? [])],
      providers: [
        LedgerService,
        DeclarationResolver,
        AnnouncementsService,
        AnnouncerService,
        OwnershipService,
        MergeHandlerRegistry,
        MergeEngine,
        MergePlan,
        HandlerScope,
        HandlerStep,
        MergePreviewer,
        MergeTransaction,
        LinkAttempts,
        LinkingService,
        ReconcilerService,
      ],
      exports: [LinkingService, ReconcilerService, OwnershipService, MergeHandlerRegistry],
    };
  }
}
