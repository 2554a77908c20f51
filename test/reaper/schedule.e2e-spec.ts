import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Injectable } from '@nestjs/common';
import { OnEvent } from '@nestjs/event-emitter';
import { ScheduleModule, SchedulerRegistry } from '@nestjs/schedule';
import { ConfigurationError, EVENTS, ReaperService } from '../../src/index.js';
import { Barrier, eventually } from '../support/barrier.js';
import { userExists } from '../support/links.js';
import { createTestApp, type TestApp } from '../support/test-app.js';
import { closeApps, startApp, startBeside } from '../support/running-apps.js';
import { kept, reap, staleGuest } from './stale.js';

const EVERY_SECOND = '* * * * * *';
const NEVER_SOON = '0 4 29 2 *';
const JOB = 'nestjs-anonymous:reaper';

afterEach(closeApps);

const scheduler = () => [ScheduleModule.forRoot()];
const cronOf = (host: TestApp) => host.app.get(SchedulerRegistry).getCronJob(JOB).cronTime.source;
const turns = ({ statements }: TestApp) =>
  statements.filter((sql) => sql.includes('pg_try_advisory_xact_lock')).length;

describe('reaper.schedule', () => {
  it('runs the reaper by the scheduler of the host', async () => {
    const heard: string[] = [];
    @Injectable()
    class Listener {
      @OnEvent(EVENTS.guestReaped)
      reaped({ guestIds }: { guestIds: string[] }): void {
        heard.push(...guestIds);
      }
    }
    const host = await startApp({
      imports: scheduler(),
      providers: [Listener],
      options: { reaper: { schedule: EVERY_SECOND } },
    });
    const { userId } = await staleGuest(host);
    await eventually('the scheduled run has told', () => heard.length > 0);
    expect(heard).toEqual([userId]);
    expect(await userExists(host, userId)).toBe(false);
  });

  it('is a job of each app for itself', async () => {
    const [often, seldom, never] = [
      await startApp({ imports: scheduler(), options: { reaper: { schedule: EVERY_SECOND } } }),
      await startApp({ imports: scheduler(), options: { reaper: { schedule: NEVER_SOON } } }),
      await startApp({ imports: scheduler() }),
    ];
    expect([cronOf(often), cronOf(seldom)]).toEqual([EVERY_SECOND, NEVER_SOON]);
    expect(never.app.get(SchedulerRegistry).getCronJobs().size).toBe(0);
  });

  it('lets one instance at a time do it, and nobody wait', async () => {
    const barrier = new Barrier();
    const hold = { onBeforeDelete: () => barrier.pass(), schedule: NEVER_SOON };
    const host = await startApp({ imports: scheduler(), options: { reaper: hold } });
    const beside = await startBeside(host, {
      imports: scheduler(),
      options: { reaper: { schedule: EVERY_SECOND } },
    });
    const running = (async () => {
      await staleGuest(host);
      return host.app.get(ReaperService).runAlone();
    })();
    await barrier.reached();
    await staleGuest(host);
    const before = turns(beside);
    await eventually('the other instance has come by', () => turns(beside) > before + 1);
    expect(await host.sql('SELECT 1 FROM users')).toHaveLength(2);
    // Somebody who calls it by hand wants it done now.
    expect(await reap(beside)).toMatchObject({ reaped: 1, kept: kept({ locked: 1 }) });
    barrier.open();
    expect(await running).toMatchObject({ reaped: 1 });
  });

  it('is not overtaken by its own next run', async () => {
    const barrier = new Barrier();
    let asked = 0;
    const host = await startApp({
      imports: scheduler(),
      options: {
        reaper: {
          schedule: EVERY_SECOND,
          onBeforeDelete: () => {
            asked += 1;
            return barrier.pass();
          },
        },
      },
    });
    await staleGuest(host);
    await barrier.reached();
    const job = host.app.get(SchedulerRegistry).getCronJob(JOB);
    const first = job.lastDate()!;
    const before = turns(host);
    await eventually('the next tick', () => job.lastDate()!.getTime() > first.getTime());
    expect({ asked, turns: turns(host) }).toEqual({ asked: 1, turns: before });
    barrier.open();
  });
});

describe('a schedule that cannot work', () => {
  it('stops the start when the host has no scheduler, and says what to write', async () => {
    const start = createTestApp({ options: { reaper: { schedule: EVERY_SECOND } } });
    await expect(start).rejects.toThrow(ConfigurationError);
    await expect(start).rejects.toThrow(/reaper\.schedule.*ScheduleModule\.forRoot\(\)/);
  });

  it.each([
    'every night',
    '',
    '* * * *',
    '* * * * * * *',
    '60 * * * *',
    '* 24 * * *',
    '5-1 * * * *',
    '*/0 * * * *',
    '1/2/3 * * * *',
    '1-2-3 * * * *',
    '* * 0 * *',
    '* * * foo *',
    '? * * * *',
    '@never',
    5 as unknown as string,
  ])('stops the start when it says %j', async (schedule) => {
    const start = createTestApp({ imports: scheduler(), options: { reaper: { schedule } } });
    await expect(start).rejects.toThrow(/option "reaper\.schedule" is .*no cron expression/);
  });

  it.each(['30 4 * * *', '0 30 4 * * *', '*/15 0-6,22 1 jan-mar MON', '@daily', '0 4 * * 7'])(
    'is not %j, which the scheduler understands',
    async (schedule) => {
      const host = await startApp({ imports: scheduler(), options: { reaper: { schedule } } });
      expect(cronOf(host)).toBe(schedule);
    },
  );
});

describe('@nestjs/schedule', () => {
  it('is loaded by nobody who has no schedule', () => {
    const src = join(import.meta.dirname, '../../src');
    const files = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter((name) =>
      name.endsWith('.ts'),
    );
    const loading = files.filter((name) =>
      /^(import|export)\b[^;]*from '@nestjs\/schedule'/m.test(
        readFileSync(join(src, name), 'utf8'),
      ),
    );
    expect(loading).toEqual([]);
  });
});

describe.each([
  ['batchSize', 0],
  ['batchSize', 501],
  ['batchSize', 2.5],
  ['olderThan', '1h'],
  ['olderThan', 30],
  ['contributors', 'drop'],
])('option reaper.%s: %j', (option, value) => {
  it('stops the start', async () => {
    const start = createTestApp({ options: { reaper: { [option]: value } } });
    await expect(start).rejects.toThrow(ConfigurationError);
    await expect(start).rejects.toThrow(`option "reaper.${option}" is ${JSON.stringify(value)}`);
  });
});
