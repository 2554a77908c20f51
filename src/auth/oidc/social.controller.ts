import { Body, Controller, Get, HttpCode, Param, Post, Query, Req, Res } from '@nestjs/common';
import { ApiBody, ApiOperation, ApiQuery, ApiTags } from '@nestjs/swagger';
import { AccountGateway } from '../account/account-gateway.js';
import { Limited } from '../limits/limited.decorator.js';
import { AccountOnly } from '../requests/access.decorators.js';
import { AuthRoutes } from '../requests/auth-route.js';
import { fieldsOf } from '../requests/body.pipe.js';
import type { HttpRequest } from '../requests/http-request.js';
import { LinkedIdentitiesService } from './linked-identities.service.js';
import { LinkSocialDto, SignInSocialDto } from './social.dto.js';
import { SocialGateway, type SocialView } from './social.gateway.js';
import { UnlinkAccountDto } from './unlink-account.dto.js';

/** What clients may send along and nobody reads: the scopes are the host's, and no field of a request names a guest. */
const UNUSED = ['scopes[]', 'additionalParams', 'additionalData'];

@AuthRoutes()
@ApiTags('providers')
@Controller()
export class SocialController {
  constructor(
    private readonly gateway: SocialGateway,
    private readonly accounts: AccountGateway,
    private readonly linked: LinkedIdentitiesService,
  ) {}

  @Post('sign-in/social')
  @HttpCode(200)
  @Limited({ limit: 'signIn' })
  @ApiOperation({ summary: "The provider's page to go to" })
  @ApiBody({ type: SignInSocialDto })
  signIn(
    @Body(fieldsOf(SignInSocialDto, UNUSED)) body: Readonly<SignInSocialDto>,
    @Req() request: HttpRequest,
    @Res({ passthrough: true }) response: object,
  ): Promise<SocialView> {
    return this.gateway.signIn(request, response, body);
  }

  /** Providers put fields of their own into the query, so it is read and not validated. */
  @Get('callback/:provider')
  @ApiOperation({ summary: 'Where the provider sends the person back to; leads on, signed in' })
  @ApiQuery({ name: 'state' })
  @ApiQuery({ name: 'code', required: false })
  @ApiQuery({ name: 'error', required: false })
  callback(
    @Param('provider') provider: string,
    @Query() query: Readonly<Record<string, unknown>>,
    @Req() request: HttpRequest,
    @Res({ passthrough: true }) response: object,
  ): Promise<string> {
    return this.gateway.finish(request, response, provider, query);
  }

  @Post('link-social')
  @HttpCode(200)
  @Limited({ limit: 'signIn' })
  @AccountOnly()
  @ApiOperation({ summary: 'The same page, to give the account another way in' })
  @ApiBody({ type: LinkSocialDto })
  link(
    @Body(fieldsOf(LinkSocialDto, UNUSED)) body: Readonly<LinkSocialDto>,
    @Req() request: HttpRequest,
    @Res({ passthrough: true }) response: object,
  ): Promise<SocialView> {
    return this.gateway.link(request, response, body);
  }

  @Post('unlink-account')
  @HttpCode(200)
  @AccountOnly()
  @ApiOperation({ summary: 'Takes a way in from the account, but never the last one' })
  @ApiBody({ type: UnlinkAccountDto })
  async unlink(
    @Body(fieldsOf(UnlinkAccountDto)) body: Readonly<UnlinkAccountDto>,
    @Req() request: HttpRequest,
  ): Promise<{ status: true }> {
    const { session } = await this.accounts.context(request);
    await this.linked.unlink(session, body);
    return { status: true };
  }
}
