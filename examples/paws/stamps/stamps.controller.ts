import { Controller, Get, Header } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { CurrentUser, OptionalIdentity, type Principal } from '../../../src/index.js';
import { StampCardView } from './stamp-card.view.js';
import { StampCardsService } from './stamp-cards.service.js';

@ApiTags('visits')
@Controller('stamp-card')
export class StampsController {
  constructor(private readonly cards: StampCardsService) {}

  @Get()
  @OptionalIdentity()
  @Header('Cache-Control', 'no-store')
  @ApiOperation({ summary: "The caller's stamp card: one stamp for each visit, ten are a treat" })
  @ApiOkResponse({ type: StampCardView })
  show(@CurrentUser() user: Principal | null): Promise<StampCardView> {
    return this.cards.of(user?.userId);
  }
}
