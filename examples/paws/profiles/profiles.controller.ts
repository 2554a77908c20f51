import { Body, Controller, Get, Header, Put } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import {
  CurrentUser,
  EnsureIdentity,
  OptionalIdentity,
  type Principal,
} from '../../../src/index.js';
import { ProfileView } from './profile.view.js';
import { ProfilesService } from './profiles.service.js';
import { WriteProfileDto } from './write-profile.dto.js';

@ApiTags('profile')
@Controller('profile')
export class ProfilesController {
  constructor(private readonly profiles: ProfilesService) {}

  @Get()
  @OptionalIdentity()
  @Header('Cache-Control', 'no-store')
  @ApiOperation({ summary: 'What the caller says about themselves' })
  @ApiOkResponse({ type: ProfileView })
  show(@CurrentUser() user: Principal | null): Promise<ProfileView> {
    return this.profiles.of(user?.userId);
  }

  @Put()
  @EnsureIdentity()
  @ApiOperation({ summary: 'Writes the whole profile; what is left out is empty' })
  @ApiOkResponse({ type: ProfileView })
  write(@CurrentUser() user: Principal, @Body() profile: WriteProfileDto): Promise<ProfileView> {
    return this.profiles.write(user.userId, profile);
  }
}
