import {
  applyDecorators,
  type CanActivate,
  type ExecutionContext,
  ForbiddenException,
  Injectable,
  UseGuards,
} from '@nestjs/common';
import { AccountOnly, type Principal } from '../../../src/index.js';
import { Operators } from './operators.js';

/** Behind the guard that knows who is calling. */
@Injectable()
export class OperatorGuard implements CanActivate {
  constructor(private readonly operators: Operators) {}

  /** @throws ForbiddenException `OPERATORS_ONLY` */
  async canActivate(context: ExecutionContext): Promise<boolean> {
    const { user } = context.switchToHttp().getRequest<{ user: Principal }>();
    if (await this.operators.include(user.userId)) return true;
    throw new ForbiddenException({
      statusCode: 403,
      code: 'OPERATORS_ONLY',
      message: 'This is for the people who run this app.',
    });
  }
}

/** Nobody gets 401, a guest 403 `UPGRADE_REQUIRED`, any other account 403 `OPERATORS_ONLY`. */
export const OperatorOnly = (): MethodDecorator & ClassDecorator =>
  applyDecorators(AccountOnly(), UseGuards(OperatorGuard));
