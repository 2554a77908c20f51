import { Controller, Get, Inject } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';

export const PROVIDER_IDS = Symbol('provider ids');

@ApiTags('site')
@Controller('providers')
export class ProvidersController {
  constructor(@Inject(PROVIDER_IDS) private readonly ids: readonly string[]) {}

  @Get()
  @ApiOperation({ summary: 'Whom people can sign in with' })
  list(): readonly string[] {
    return this.ids;
  }
}
