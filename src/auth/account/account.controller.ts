import { Body, Controller, Get, HttpCode, Post, Query, Req, Res } from '@nestjs/common';
import { ApiBody, ApiOperation, ApiTags } from '@nestjs/swagger';
import { EmptyDto } from '../dto/empty.dto.js';
import { AccountOnly } from '../requests/access.decorators.js';
import { Limited } from '../limits/limited.decorator.js';
import { AuthRoutes } from '../requests/auth-route.js';
import { fieldsOf } from '../requests/body.pipe.js';
import { CurrentUser } from '../requests/current-user.decorator.js';
import type { HttpRequest } from '../requests/http-request.js';
import type { Principal } from '../requests/principal.js';
import { type UserView, userView } from '../responses/views.js';
import { AccountGateway } from './account-gateway.js';
import { AccountProfileService } from './account-profile.service.js';
import { ChangePasswordDto } from './change-password.dto.js';
import { type IdentityView, identityView } from './identity-view.js';
import { PasswordChangesService } from './password-changes.service.js';
import { SetPasswordDto } from './set-password.dto.js';
import { UpdateUserDto } from './update-user.dto.js';

/** What a person does to the account that they are signed in to. */
@AuthRoutes()
@ApiTags('account')
@Controller()
export class AccountController {
  constructor(
    private readonly gateway: AccountGateway,
    private readonly passwords: PasswordChangesService,
    private readonly profiles: AccountProfileService,
  ) {}

  @Post('change-password')
  @HttpCode(200)
  @Limited({ limit: 'signIn' })
  @AccountOnly()
  @ApiOperation({ summary: 'Another password; on request everybody else is signed out' })
  @ApiBody({ type: ChangePasswordDto })
  async changePassword(
    @Body(fieldsOf(ChangePasswordDto)) body: Readonly<ChangePasswordDto>,
    @Req() request: HttpRequest,
    @Res({ passthrough: true }) response: object,
  ): Promise<{ token: string | null; user: UserView }> {
    const context = await this.gateway.context(request);
    const { user, session } = await this.passwords.change(context, body);
    if (session) this.gateway.replace(response, session);
    return { token: session?.token ?? null, user: userView(user) };
  }

  @Post('set-password')
  @HttpCode(200)
  @Limited({ limit: 'signIn' })
  @AccountOnly()
  @ApiOperation({ summary: 'The first password of an account that has none' })
  @ApiBody({ type: SetPasswordDto })
  async setPassword(
    @Body(fieldsOf(SetPasswordDto)) { newPassword }: Readonly<SetPasswordDto>,
    @Req() request: HttpRequest,
  ): Promise<{ status: true }> {
    await this.passwords.set(await this.gateway.context(request), newPassword);
    return { status: true };
  }

  @Post('update-user')
  @HttpCode(200)
  @AccountOnly()
  @ApiOperation({ summary: 'Another name or picture' })
  @ApiBody({ type: UpdateUserDto })
  async updateUser(
    @Body(fieldsOf(UpdateUserDto)) body: Readonly<UpdateUserDto>,
    @CurrentUser() { userId }: Readonly<Principal>,
  ): Promise<{ status: true }> {
    await this.profiles.update(userId, body);
    return { status: true };
  }

  @Get('list-accounts')
  @AccountOnly()
  @ApiOperation({ summary: 'The ways in: the password, and who else vouches for the account' })
  async listAccounts(
    @Query(fieldsOf(EmptyDto)) _query: Readonly<EmptyDto>,
    @CurrentUser() { userId }: Readonly<Principal>,
  ): Promise<IdentityView[]> {
    return (await this.profiles.listIdentities(userId)).map(identityView);
  }
}
