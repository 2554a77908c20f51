import { Controller, Get, Header, HttpCode, Post, Query } from '@nestjs/common';
import {
  ApiForbiddenResponse,
  ApiNotFoundResponse,
  ApiOkResponse,
  ApiOperation,
  ApiParam,
  ApiTags,
} from '@nestjs/swagger';
import type { ReaperReport } from '../../../src/index.js';
import { UuidParam } from '../http/uuid-param.js';
import { OperatorOnly } from './operator.guard.js';
import { FiguresView, OpenLinksView, RetryView } from './ops.view.js';
import { OpsService } from './ops.service.js';
import { PeriodDto } from './period.dto.js';

@ApiTags('ops')
@Controller('ops')
@OperatorOnly()
@ApiForbiddenResponse({ description: 'OPERATORS_ONLY' })
export class OpsController {
  constructor(private readonly ops: OpsService) {}

  @Get('data/figures')
  @Header('Cache-Control', 'no-store')
  @ApiOperation({ summary: 'Guests by day, how long they took to sign up, and how many there are' })
  @ApiOkResponse({ type: FiguresView })
  figures(@Query() { days }: PeriodDto): Promise<FiguresView> {
    return this.ops.figures(days);
  }

  @Get('data/links')
  @Header('Cache-Control', 'no-store')
  @ApiOperation({ summary: 'Merges that have not happened, and why' })
  @ApiOkResponse({ type: OpenLinksView })
  links(): Promise<OpenLinksView> {
    return this.ops.links();
  }

  @Post('links/:id/retry')
  @HttpCode(200)
  @ApiOperation({ summary: 'Tries a merge again that was given up' })
  @ApiParam({ name: 'id', format: 'uuid' })
  @ApiOkResponse({ type: RetryView })
  @ApiNotFoundResponse({ description: 'FAILED_LINK_NOT_FOUND' })
  retry(@UuidParam('id') id: string): Promise<RetryView> {
    return this.ops.retry(id);
  }

  @Post('reaper/dry-run')
  @HttpCode(200)
  @ApiOperation({ summary: 'What the reaper would do now, and why it would keep the others' })
  dryRun(): Promise<ReaperReport> {
    return this.ops.dryRun();
  }
}
