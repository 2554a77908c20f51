import { type DynamicModule, Module } from '@nestjs/common';
import { Operators, OPERATOR_ADDRESSES } from './operators.js';
import { OpsPageController } from './ops-page.controller.js';
import { OpsController } from './ops.controller.js';
import { OpsService } from './ops.service.js';

/** The page at `/ops`. Where nobody may see it, it is not there at all. */
@Module({})
export class OpsModule {
  static with(addresses: readonly string[]): DynamicModule {
    return {
      module: OpsModule,
      controllers: [OpsPageController, OpsController],
      providers: [OpsService, Operators, { provide: OPERATOR_ADDRESSES, useValue: addresses }],
    };
  }
}
