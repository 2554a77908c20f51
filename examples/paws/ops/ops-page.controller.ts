import { Controller, Get, Header, Param, type StreamableFile, UseFilters } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { join } from 'node:path';
import { AssetFolder } from '../site/asset-folder.js';
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
  index(): Promise<StreamableFile> {
    return page.read('index.html');
  }

  @Get('assets/dom.js')
  @Header('Cache-Control', 'no-cache')
  dom(): Promise<StreamableFile> {
    return shared.read('dom.js');
  }

  @Get('assets/:name')
  @Header('Cache-Control', 'no-cache')
  asset(@Param('name') name: string): Promise<StreamableFile> {
    return assets.read(name);
  }
}
