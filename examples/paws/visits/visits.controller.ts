import { Controller, Get, Header, Post } from '@nestjs/common';
import {
  ApiCreatedResponse,
  ApiNotFoundResponse,
  ApiOkResponse,
  ApiOperation,
  ApiParam,
  ApiTags,
} from '@nestjs/swagger';
import {
  CurrentUser,
  EnsureIdentity,
  OptionalIdentity,
  type Principal,
} from '../../../src/index.js';
import { UuidParam } from '../http/uuid-param.js';
import { visitView, VisitView } from './visit.view.js';
import { VisitsService } from './visits.service.js';

@ApiTags('visits')
@Controller()
export class VisitsController {
  constructor(private readonly visits: VisitsService) {}

  @Get('visits')
  @OptionalIdentity()
  @Header('Cache-Control', 'no-store')
  @ApiOperation({ summary: 'Where the caller was, the latest first' })
  @ApiOkResponse({ type: [VisitView] })
  async list(@CurrentUser() user: Principal | null): Promise<VisitView[]> {
    return (await this.visits.of(user?.userId)).map(visitView);
  }

  @Post('venues/:venueId/visits')
  @EnsureIdentity()
  @ApiOperation({ summary: '"I was here": notes a visit and stamps the card' })
  @ApiParam({ name: 'venueId', format: 'uuid' })
  @ApiCreatedResponse({ type: VisitView })
  @ApiNotFoundResponse({ description: 'VENUE_NOT_FOUND' })
  async add(
    @CurrentUser() user: Principal,
    @UuidParam('venueId') venueId: string,
  ): Promise<VisitView> {
    return visitView(await this.visits.add(user.userId, venueId));
  }
}
