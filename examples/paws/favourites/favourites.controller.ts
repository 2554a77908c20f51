import { applyDecorators, Controller, Delete, Get, Header, HttpCode, Put } from '@nestjs/common';
import {
  ApiNoContentResponse,
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
import { FavouriteView } from './favourite.view.js';
import { FavouritesService } from './favourites.service.js';

const ApiVenue = () =>
  applyDecorators(
    ApiParam({ name: 'venueId', format: 'uuid' }),
    ApiNotFoundResponse({ description: 'VENUE_NOT_FOUND' }),
  );

@ApiTags('favourites')
@Controller('favourites')
export class FavouritesController {
  constructor(private readonly favourites: FavouritesService) {}

  @Get()
  @OptionalIdentity()
  @Header('Cache-Control', 'no-store')
  @ApiOperation({ summary: "The caller's favourite places" })
  @ApiOkResponse({ type: [FavouriteView] })
  list(@CurrentUser() user: Principal | null): Promise<FavouriteView[]> {
    return this.favourites.of(user?.userId);
  }

  @Put(':venueId')
  @EnsureIdentity()
  @ApiOperation({ summary: 'Makes a place a favourite; the same again changes nothing' })
  @ApiVenue()
  @ApiOkResponse({ type: FavouriteView })
  add(
    @CurrentUser() user: Principal,
    @UuidParam('venueId') venueId: string,
  ): Promise<FavouriteView> {
    return this.favourites.add(user.userId, venueId);
  }

  @Delete(':venueId')
  @HttpCode(204)
  @EnsureIdentity()
  @ApiOperation({ summary: 'Makes a place no favourite; the same again changes nothing' })
  @ApiVenue()
  @ApiNoContentResponse()
  async remove(
    @CurrentUser() user: Principal,
    @UuidParam('venueId') venueId: string,
  ): Promise<void> {
    await this.favourites.remove(user.userId, venueId);
  }
}
