import { Body, Controller, HttpCode, Post, Req, Res } from '@nestjs/common';
import { ApiBody, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { SignInContext } from '../../auth/sign-in-context.js';
import { Limited } from '../../auth/limits/limited.decorator.js';
import { SignUpEmailDto } from '../../auth/password/sign-up-email.dto.js';
import { guarded } from '../../auth/requests/access.decorators.js';
import { AuthRoutes } from '../../auth/requests/auth-route.js';
import { fieldsOf } from '../../auth/requests/body.pipe.js';
import type { HttpRequest } from '../../auth/requests/http-request.js';
import type { IssuedSessionView, PendingSignUpView } from '../../auth/responses/views.js';
import { SignUpGateway } from '../../auth/sign-up/sign-up.gateway.js';
import { UpgradeService } from './upgrade.service.js';

@AuthRoutes()
@ApiTags('guests')
@Controller()
export class UpgradeController {
  constructor(
    private readonly upgrades: UpgradeService,
    private readonly gateway: SignUpGateway,
  ) {}

  @Post('anonymous/upgrade')
  @HttpCode(200)
  @Limited({ limit: 'signUp', bucket: 'sign-up' })
  @guarded('claim')
  @ApiOperation({ summary: 'The calling guest becomes an account: same id, same rows' })
  @ApiBody({ type: SignUpEmailDto })
  upgrade(
    @Body(fieldsOf(SignUpEmailDto)) body: Readonly<SignUpEmailDto>,
    @Req() request: HttpRequest,
    @Res({ passthrough: true }) response: object,
  ): Promise<IssuedSessionView | PendingSignUpView> {
    const upgrade = (context: SignInContext) => this.upgrades.upgrade(body, context);
    return this.gateway.run(request, response, body, upgrade, { upgradeOnly: true });
  }
}
