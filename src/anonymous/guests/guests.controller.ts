import { Body, Controller, Delete, HttpCode, Post, Req, Res } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { ApiHeader, ApiOperation, ApiTags } from '@nestjs/swagger';
import { EmptyDto } from '../../auth/dto/empty.dto.js';
import { GuestOnly } from '../../auth/requests/access.decorators.js';
import { AuthRoutes } from '../../auth/requests/auth-route.js';
import { fieldsOf } from '../../auth/requests/body.pipe.js';
import { CredentialWriter } from '../../auth/requests/credential-writer.js';
import { CurrentUser } from '../../auth/requests/current-user.decorator.js';
import type { HttpRequest } from '../../auth/requests/http-request.js';
import type { Principal } from '../../auth/requests/principal.js';
import { type IssuedSessionView, issuedSessionView } from '../../auth/responses/views.js';
import { GuestSignInService } from './guest-sign-in.service.js';
import { GuestsService } from './guests.service.js';

@AuthRoutes()
@ApiTags('guests')
@Controller()
export class GuestsController {
  constructor(
    private readonly guestSignIn: GuestSignInService,
    private readonly guests: GuestsService,
    private readonly credentials: CredentialWriter,
    private readonly host: HttpAdapterHost,
  ) {}

  @Post(['anonymous', 'sign-in/anonymous'])
  @ApiOperation({ summary: 'A guest: 201 a new one, 200 the one that is calling' })
  @ApiHeader({ name: 'Idempotency-Key', required: false })
  async signIn(
    @Body(fieldsOf(EmptyDto)) _body: Readonly<EmptyDto>,
    @Req() request: HttpRequest,
    @Res({ passthrough: true }) response: object,
  ): Promise<IssuedSessionView> {
    const guest = await this.guestSignIn.signIn(request);
    this.host.httpAdapter.status(response, guest.isNew ? 201 : 200);
    this.credentials.write(response, guest);
    return issuedSessionView(guest);
  }

  @Delete('anonymous')
  @GuestOnly()
  @ApiOperation({ summary: 'Deletes the calling guest and everything it owns' })
  delete(
    @CurrentUser() guest: Readonly<Principal>,
    @Res({ passthrough: true }) response: object,
  ): Promise<{ success: true }> {
    return this.remove(guest, response);
  }

  /** The same by the name that better-auth's client uses. */
  @Post('delete-anonymous-user')
  @HttpCode(200)
  @GuestOnly()
  @ApiOperation({ summary: 'Deletes the calling guest and everything it owns' })
  deleteByPost(
    @Body(fieldsOf(EmptyDto)) _body: Readonly<EmptyDto>,
    @CurrentUser() guest: Readonly<Principal>,
    @Res({ passthrough: true }) response: object,
  ): Promise<{ success: true }> {
    return this.remove(guest, response);
  }

  private async remove({ userId }: Principal, response: object): Promise<{ success: true }> {
    await this.guests.delete(userId);
    this.credentials.clear(response);
    return { success: true };
  }
}
