import { type DynamicModule, Module } from '@nestjs/common';
import { DocsController } from './docs.controller.js';
import { HealthController } from './health.controller.js';
import { HealthService } from './health.service.js';
import { PageController } from './page.controller.js';
import { PageScript } from './page-script.js';
import { PROVIDER_IDS, ProvidersController } from './providers.controller.js';

@Module({})
export class SiteModule {
  static with(providerIds: readonly string[]): DynamicModule {
    return {
      module: SiteModule,
      controllers: [PageController, DocsController, HealthController, ProvidersController],
      providers: [HealthService, PageScript, { provide: PROVIDER_IDS, useValue: providerIds }],
    };
  }
}
