import {
  type CanActivate,
  type ExecutionContext,
  Injectable,
  NotFoundException,
} from '@nestjs/common';
import { pathOf, requestOf } from '../requests/http-request.js';
import { Outbox } from './outbox.service.js';

/** Where nobody delivers mail, the routes that send it are not there. */
@Injectable()
export class MailGuard implements CanActivate {
  constructor(private readonly outbox: Outbox) {}

  canActivate(context: ExecutionContext): boolean {
    if (this.outbox.isOpen) return true;
    const request = requestOf(context);
    throw new NotFoundException(`Cannot ${request.method} ${pathOf(request)}`);
  }
}
