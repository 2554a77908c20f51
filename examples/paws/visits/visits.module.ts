import { Module } from '@nestjs/common';
import { StampsModule } from '../stamps/stamps.module.js';
import { VisitsController } from './visits.controller.js';
import { VisitsService } from './visits.service.js';

@Module({
  imports: [StampsModule],
  controllers: [VisitsController],
  providers: [VisitsService],
})
export class VisitsModule {}
