import { Controller, Get, Param, UseInterceptors } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { join } from 'node:path';
import type { Asset } from './asset.js';
import { AssetFolder } from './asset-folder.js';
import { AssetInterceptor } from './asset.interceptor.js';
import { PageScript } from './page-script.js';

const page = new AssetFolder(join(import.meta.dirname, '..', 'public'), [
  'index.html',
  'base.css',
  'bars.css',
  'layout.css',
  'forms.css',
  'marks.css',
  'panels.css',
  'consent.css',
  'dog.svg',
  'paw.svg',
]);

/** The page at `/`. It asks the routes of this app like any other client. */
@ApiExcludeController()
@Controller()
@UseInterceptors(AssetInterceptor)
export class PageController {
  constructor(private readonly script: PageScript) {}

  @Get()
  index(): Promise<Asset> {
    return page.read('index.html');
  }

  @Get('assets/app.js')
  app(): Promise<Asset> {
    return this.script.read();
  }

  @Get('assets/:name')
  asset(@Param('name') name: string): Promise<Asset> {
    return page.read(name);
  }
}
