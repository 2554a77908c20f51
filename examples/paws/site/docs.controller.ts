import { Controller, Get, Param, type StreamableFile } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { AssetFolder } from './asset-folder.js';

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
export class DocsController {
  @Get()
  index(): Promise<StreamableFile> {
    return own.read('index.html');
  }

  @Get('ui/:name')
  ui(@Param('name') name: string): Promise<StreamableFile> {
    return swaggerUi.read(name);
  }

  @Get('own/:name')
  own(@Param('name') name: string): Promise<StreamableFile> {
    return own.read(name);
  }
}
