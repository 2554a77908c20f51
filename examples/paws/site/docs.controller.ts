import { Controller, Get, Param, UseInterceptors } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { Asset } from './asset.js';
import { AssetFolder } from './asset-folder.js';
import { AssetInterceptor } from './asset.interceptor.js';

const { resolve } = createRequire(import.meta.url);
const swaggerUi = new AssetFolder(dirname(resolve('swagger-ui-dist/package.json')), [
  'swagger-ui.css',
  'swagger-ui-bundle.js',
]);
const own = new AssetFolder(join(import.meta.dirname, 'docs'), [
  'index.html',
  'docs.js',
  'docs.css',
]);

/**
 * Swagger UI. Not by `SwaggerModule.setup`, whose page has inline scripts and styles, and whose files need another package
 * on Fastify.
 */
@ApiExcludeController()
@Controller('docs')
@UseInterceptors(AssetInterceptor)
export class DocsController {
  @Get()
  index(): Promise<Asset> {
    return own.read('index.html');
  }

  @Get('ui/:name')
  ui(@Param('name') name: string): Promise<Asset> {
    return swaggerUi.read(name);
  }

  @Get('own/:name')
  own(@Param('name') name: string): Promise<Asset> {
    return own.read(name);
  }
}
