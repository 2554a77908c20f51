import {
  type CallHandler,
  type ExecutionContext,
  Injectable,
  type NestInterceptor,
} from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { IncomingMessage } from 'node:http';
import { map, type Observable } from 'rxjs';
import type { Asset } from './asset.js';

/** Browsers ask each time whether an asset has changed, and are told in one line when it has not. */
@Injectable()
export class AssetInterceptor implements NestInterceptor<Asset, Asset | undefined> {
  constructor(private readonly host: HttpAdapterHost) {}

  intercept(context: ExecutionContext, next: CallHandler<Asset>): Observable<Asset | undefined> {
    const { httpAdapter } = this.host;
    const request = context.switchToHttp().getRequest<Pick<IncomingMessage, 'headers'>>();
    const response = context.switchToHttp().getResponse<object>();
    return next.handle().pipe(
      map((asset) => {
        httpAdapter.setHeader(response, 'Cache-Control', 'no-cache');
        httpAdapter.setHeader(response, 'ETag', asset.tag);
        if (!request.headers['if-none-match']?.includes(asset.tag)) return asset;
        httpAdapter.status(response, 304);
        return undefined;
      }),
    );
  }
}
