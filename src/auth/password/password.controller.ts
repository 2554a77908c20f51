import { Body, Controller, HttpCode, Post, Req, Res } from '@nestjs/common';
import { ApiBody, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Limited } from '../limits/limited.decorator.js';
import { AuthRoutes } from '../requests/auth-route.js';
import { fieldsOf } from '../requests/body.pipe.js';
import type { HttpRequest } from '../requests/http-request.js';
import { SignInGateway } from '../requests/sign-in-gateway.js';
import type { IssuedSessionView, PendingSignUpView, SignInView } from '../responses/views.js';
import { SignUpGateway } from '../sign-up/sign-up.gateway.js';
import { PasswordService } from './password.service.js';
import { SignInEmailDto } from './sign-in-email.dto.js';
import { SignUpEmailDto } from './sign-up-email.dto.js';

@AuthRoutes()
@ApiTags('password')
@Controller()
export class PasswordController {
  constructor(
    private readonly passwords: PasswordService,
    private readonly gateway: SignInGateway,
    private readonly signUps: SignUpGateway,
  ) {}

  @Post('sign-up/email')
  @HttpCode(200)
  @Limited({ limit: 'signUp', bucket: 'sign-up' })
  @ApiOperation({ summary: 'Makes an account; a guest keeps its id and everything it made' })
  @ApiBody({ type: SignUpEmailDto })
  signUp(
    @Body(fieldsOf(SignUpEmailDto)) body: Readonly<SignUpEmailDto>,
    @Req() request: HttpRequest,
    @Res({ passthrough: true }) response: object,
  ): Promise<IssuedSessionView | PendingSignUpView> {
    return this.signUps.run(request, response, body, (context) =>
      this.passwords.signUp(body, context),
    );
  }

  @Post('sign-in/email')
  @HttpCode(200)
  @Limited({ limit: 'signIn' })
  @ApiOperation({ summary: 'Signs in; what a guest has made is merged into the account' })
  @ApiBody({ type: SignInEmailDto })
  signIn(
    @Body(fieldsOf(SignInEmailDto)) body: Readonly<SignInEmailDto>,
    @Req() request: HttpRequest,
    @Res({ passthrough: true }) response: object,
  ): Promise<SignInView> {
    return this.gateway.run(request, response, body, (context) =>
      this.passwords.signIn(body, context),
    );
  }
}
