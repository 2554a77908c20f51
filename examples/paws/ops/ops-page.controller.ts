import { Controller, Get, Header, Param, UseFilters, UseInterceptors } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { join } from 'node:path';
import type { Asset } from '../site/asset.js';
import { AssetFolder } from '../site/asset-folder.js';
import { AssetInterceptor } from '../site/asset.interceptor.js';
import { ClosedPageFilter } from './closed-page.filter.js';
import { OperatorOnly } from './operator.guard.js';

const folder = join(import.meta.dirname, 'public');
const page = new AssetFolder(folder, ['index.html']);
/** For everybody: there is no figure in them, and the page that turns people away has a style too. */
const assets = new AssetFolder(folder, [
  'ops.css',
  'charts.css',
  'ops.js',
  'ask.js',
  'words.js',
  'day-charts.js',
  'day-table.js',
  'column-chart.js',
  'claim-chart.js',
  'bar-list.js',
  'svg.js',
  'totals.js',
  'links.js',
  'reaper.js',
]);

/** What both pages of the app write into a document with. */
const shared = new AssetFolder(join(import.meta.dirname, '..', 'page'), ['dom.js']);

/** The page of the people who run this app, at `/ops`. */
@ApiExcludeController()
@Controller('ops')
export class OpsPageController {
  @Get()
  @OperatorOnly()
  @UseFilters(ClosedPageFilter)
  @Header('Cache-Control', 'no-store')
  index(): Promise<Asset> {
    return page.read('index.html');
  }

  @Get('assets/dom.js')
  @UseInterceptors(AssetInterceptor)
  dom(): Promise<Asset> {
    return shared.read('dom.js');
  }

  @Get('assets/:name')
  @UseInterceptors(AssetInterceptor)
  asset(@Param('name') name: string): Promise<Asset> {
    return assets.read(name);
  }
}
