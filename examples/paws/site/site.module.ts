import { Module } from '@nestjs/common';
import { DocsController } from './docs.controller.js';
import { HealthController } from './health.controller.js';
import { HealthService } from './health.service.js';
import { PageController } from './page.controller.js';

@Module({
  controllers: [PageController, DocsController, HealthController],
  providers: [HealthService],
})
export class SiteModule {}
