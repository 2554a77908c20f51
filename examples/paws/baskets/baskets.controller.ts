import { Body, Controller, Get, Header, HttpCode, Post } from '@nestjs/common';
import { ApiCreatedResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import {
  AccountOnly,
  CurrentUser,
  EnsureIdentity,
  OptionalIdentity,
  type Principal,
} from '../../../src/index.js';
import { AddItemDto } from './add-item.dto.js';
import { BasketLine, BasketView, OrderView } from './basket.view.js';
import { BasketsService } from './baskets.service.js';

@ApiTags('basket')
@Controller()
export class BasketsController {
  constructor(private readonly baskets: BasketsService) {}

  @Get('basket')
  @OptionalIdentity()
  @Header('Cache-Control', 'no-store')
  @ApiOperation({ summary: "The caller's basket" })
  @ApiOkResponse({ type: BasketView })
  async show(@CurrentUser() user: Principal | null): Promise<BasketView> {
    return { items: await this.baskets.linesOf(user?.userId) };
  }

  @Post('basket/items')
  @EnsureIdentity()
  @ApiOperation({ summary: 'Puts something into the basket; the same again adds up' })
  @ApiCreatedResponse({ type: BasketLine })
  add(@CurrentUser() user: Principal, @Body() item: AddItemDto): Promise<BasketLine> {
    return this.baskets.add(user.userId, item);
  }

  @Post('checkout')
  @HttpCode(200)
  @AccountOnly()
  @ApiOperation({ summary: 'Orders what is in the basket; needs an account' })
  @ApiOkResponse({ type: OrderView })
  async checkout(@CurrentUser() user: Principal): Promise<OrderView> {
    return { ordered: await this.baskets.checkout(user.userId) };
  }
}
