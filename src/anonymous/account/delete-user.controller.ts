import { Body, Controller, HttpCode, Post, Req, Res } from '@nestjs/common';
import { ApiBody, ApiOperation, ApiTags } from '@nestjs/swagger';
import { AccountGateway } from '../../auth/account/account-gateway.js';
import { AccountOnly } from '../../auth/requests/access.decorators.js';
import { Limited } from '../../auth/limits/limited.decorator.js';
import { AuthRoutes } from '../../auth/requests/auth-route.js';
import { fieldsOf } from '../../auth/requests/body.pipe.js';
import type { HttpRequest } from '../../auth/requests/http-request.js';
import { AccountEraser } from './account-eraser.js';
import { DeleteUserDto } from './delete-user.dto.js';

@AuthRoutes()
@ApiTags('account')
@Controller()
export class DeleteUserController {
  constructor(
    private readonly gateway: AccountGateway,
    private readonly accounts: AccountEraser,
  ) {}

  @Post('delete-user')
  @HttpCode(200)
  @Limited({ limit: 'signIn' })
  @AccountOnly()
  @ApiOperation({ summary: 'Deletes the calling account and everything it owns' })
  @ApiBody({ type: DeleteUserDto })
  async delete(
    @Body(fieldsOf(DeleteUserDto)) body: Readonly<DeleteUserDto>,
    @Req() request: HttpRequest,
    @Res({ passthrough: true }) response: object,
  ): Promise<{ success: true; message: string }> {
    await this.accounts.erase(await this.gateway.context(request), body);
    this.gateway.end(response);
    return { success: true, message: 'User deleted' };
  }
}
