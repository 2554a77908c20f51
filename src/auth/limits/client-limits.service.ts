import { Inject, Injectable } from '@nestjs/common';
import { createHash } from 'node:crypto';
import { AnonymousException } from '../../common/errors.js';
import { AUTH_SETTINGS, type AuthSettings } from '../auth.settings.js';
import type { HttpRequest } from '../requests/http-request.js';
import { networkOf } from './client-network.js';
import { LimitStorage } from './limit-storage.service.js';
import { type ClientLimit, THROTTLE_SETTINGS, type ThrottleSettings } from './throttle.settings.js';

/** How often one client may do something. */
@Injectable()
export class ClientLimits {
  constructor(
    @Inject(AUTH_SETTINGS) private readonly auth: AuthSettings,
    @Inject(THROTTLE_SETTINGS) private readonly settings: ThrottleSettings,
    private readonly storage: LimitStorage,
  ) {}

  isOn(limit: ClientLimit): boolean {
    return this.settings.client[limit] !== undefined;
  }

  /** Counts a request of a client. @throws AnonymousException `TOO_MANY_REQUESTS` */
  async take(limit: ClientLimit, bucket: string, request: HttpRequest): Promise<void> {
    const retryAfterSeconds = await this.count(limit, bucket, networkOf(request));
    if (retryAfterSeconds === undefined) return;
    throw new AnonymousException('TOO_MANY_REQUESTS', { retryAfterSeconds, cause: bucket });
  }

  /** Counts a request, whoever sends it. @returns whether there are too many at the moment. */
  async isRush(): Promise<boolean> {
    return (await this.count('rush', 'rush', '')) !== undefined;
  }

  private async count(
    limit: ClientLimit,
    bucket: string,
    who: string,
  ): Promise<number | undefined> {
    const settings = this.settings.client[limit];
    if (!settings) return undefined;
    // A storage may be shared with other apps, and is no place for addresses of people.
    const key = createHash('sha256')
      .update(JSON.stringify([this.auth.issuer, this.auth.audience, bucket, who]))
      .digest('base64url');
    return this.storage.count(`nestjs-anonymous:${key}`, settings, limit);
  }
}
