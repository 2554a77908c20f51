import { Controller, Get, Header, Param, type StreamableFile } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { join } from 'node:path';
import { AssetFolder } from './asset-folder.js';

const page = new AssetFolder(join(import.meta.dirname, '..', 'public'), [
  'index.html',
  'base.css',
  'bars.css',
  'layout.css',
  'forms.css',
  'marks.css',
  'panels.css',
  'address.js',
  'app.js',
  'api.js',
  'dom.js',
  'dogs.js',
  'basket.js',
  'inbox.js',
  'mail.js',
  'marks.js',
  'other-device.js',
  'people.js',
  'places.js',
  'profile.js',
  'providers.js',
  'receipt.js',
  'receipt-words.js',
  'dog.svg',
  'paw.svg',
]);

/** The page at `/`. It asks the routes of this app like any other client. */
@ApiExcludeController()
@Controller()
export class PageController {
  @Get()
  @Header('Cache-Control', 'no-cache')
  index(): Promise<StreamableFile> {
    return page.read('index.html');
  }

  @Get('assets/:name')
  @Header('Cache-Control', 'no-cache')
  asset(@Param('name') name: string): Promise<StreamableFile> {
    return page.read(name);
  }
}
