import {
  type CallHandler,
  type ExecutionContext,
  Injectable,
  Logger,
  type NestInterceptor,
} from '@nestjs/common';
import { HttpAdapterHost, Reflector } from '@nestjs/core';
import { concatMap, last, type Observable } from 'rxjs';
import type { LinkView } from '../../auth/account-linker.js';
import { type HttpRequest, requestOf, responseOf } from '../../auth/requests/http-request.js';
import type { UserId } from '../../users/user.js';
import type { LinkIntent } from './link-intent.js';
import { LinksGuestMark } from './links-guest.mark.js';
import { accountIdOf, userIdOf } from './account-id.js';
import type { LinksGuestOptions } from './links-guest.options.js';
import { LoginLinks } from './login-links.js';
import { cookiesOf, resetCookies } from './response-cookies.js';

/** One login, from before its handler on. */
interface Login {
  readonly route: string;
  readonly request: HttpRequest;
  readonly response: object;
  readonly options: LinksGuestOptions;
  /** What was decided before the handler, where a guard had named the user by then. */
  readonly intent: LinkIntent | undefined;
  readonly cookiesBefore: readonly string[];
}

/** Links the guest of a request to the account that a handler of the host has signed in. */
@Injectable()
export class LinksGuestInterceptor implements NestInterceptor {
  private readonly logger = new Logger(LinksGuestInterceptor.name);
  private readonly nameless = new Set<string>();

  constructor(
    private readonly reflector: Reflector,
    private readonly links: LoginLinks,
    private readonly host: HttpAdapterHost,
  ) {}

  async intercept(context: ExecutionContext, next: CallHandler): Promise<Observable<unknown>> {
    const [request, response] = [requestOf(context), responseOf(context)];
    const options = this.reflector.get(LinksGuestMark, context.getHandler());
    const accountId = options.account ? undefined : userIdOf(request.user);
    const login: Login = {
      route: `${context.getClass().name}.${context.getHandler().name}`,
      request,
      response,
      options,
      // A refusal before the handler finds nobody signed in.
      intent: accountId === undefined ? undefined : await this.links.intend(request, accountId),
      cookiesBefore: cookiesOf(response),
    };
    return next.handle().pipe(
      last(null, undefined),
      concatMap(async (answer: unknown) => {
        const link = await this.link(login, answer);
        return options.answer ? options.answer(answer, link) : answer;
      }),
    );
  }

  private async link(login: Login, answer: unknown): Promise<LinkView | null> {
    const { statusCode } = login.response as { statusCode: number };
    if (statusCode >= 400) return null;
    const accountId = this.accountOf(login, answer);
    if (accountId === undefined) return null;
    const intent =
      login.intent?.accountId === accountId ? login.intent : await this.intend(login, accountId);
    return intent ? this.links.carryOut(intent, login.response) : null;
  }

  /** After the handler, for an account that only its answer names. */
  private async intend(login: Login, accountId: UserId): Promise<LinkIntent | undefined> {
    const { request, response, cookiesBefore, route } = login;
    try {
      return await this.links.intend(request, accountId);
    } catch (refusal) {
      if (!this.host.httpAdapter.isHeadersSent(response)) {
        resetCookies(response, cookiesBefore);
        throw refusal;
      }
      this.logger.warn(`${route} had answered before the policy refused to link its guest.`);
      return undefined;
    }
  }

  private accountOf({ options, request, route }: Login, answer: unknown): UserId | undefined {
    if (!options.account) {
      const id = userIdOf(request.user);
      if (id === undefined) this.warnOnce(route);
      return id;
    }
    try {
      return accountIdOf(options.account(request, answer));
    } catch (error) {
      this.logger.error(`The option "account" of @LinksGuest() on ${route} failed.`, error);
      return undefined;
    }
  }

  private warnOnce(route: string): void {
    if (this.nameless.has(route)) return;
    this.nameless.add(route);
    this.logger.warn(
      `${route} has @LinksGuest(), but nobody is on its request: no guest is linked. Put a guard before it that sets request.user, or write @LinksGuest({ account: (request, answer) => … }).`,
    );
  }
}
