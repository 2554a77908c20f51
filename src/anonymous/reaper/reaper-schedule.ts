import type { FactoryProvider, OnModuleInit } from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';
import { ConfigurationError } from '../../common/errors.js';
import { ReaperService } from './reaper.service.js';
import { REAPER_SETTINGS, type ReaperSettings } from './reaper.settings.js';
import { ScheduledReaper } from './scheduled-reaper.js';

const JOB = 'nestjs-anonymous:reaper';

/**
 * Runs the reaper by the host's `ScheduleModule`, if `reaper.schedule` says when. `@nestjs/schedule` is loaded only then:
 * who does not use it need not have it. The class is made here, because its decorator needs the expression of this app.
 */
export const reaperSchedule: FactoryProvider = {
  provide: Symbol('nestjs-anonymous:reaper-schedule'),
  inject: [REAPER_SETTINGS, ReaperService, ModuleRef],
  useFactory: async (
    { schedule }: ReaperSettings,
    reaper: ReaperService,
    moduleRef: ModuleRef,
  ): Promise<object | null> => {
    if (schedule === undefined) return null;
    const { Cron, SchedulerRegistry } = await loadSchedule();

    class ReaperSchedule extends ScheduledReaper implements OnModuleInit {
      onModuleInit(): void {
        try {
          moduleRef.get(SchedulerRegistry, { strict: false });
        } catch (cause) {
          throw new ConfigurationError(
            'option "reaper.schedule" needs the scheduler. Write `ScheduleModule.forRoot()` from @nestjs/schedule in the imports of the root module.',
            { cause },
          );
        }
      }

      run(): Promise<void> {
        return this.runOnce();
      }
    }
    const method = Object.getOwnPropertyDescriptor(ReaperSchedule.prototype, 'run')!;
    Cron(schedule, { name: JOB })(ReaperSchedule.prototype, 'run', method);
    return new ReaperSchedule(reaper);
  },
};

async function loadSchedule() {
  try {
    return await import('@nestjs/schedule');
  } catch (cause) {
    throw new ConfigurationError(
      'option "reaper.schedule" needs the package @nestjs/schedule. Write `npm install @nestjs/schedule`, and `ScheduleModule.forRoot()` in the imports of the root module.',
      { cause },
    );
  }
}
