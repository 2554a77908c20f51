import { parseArgs } from 'node:util';
import { Logger, type OnModuleInit } from '@nestjs/common';
import type { ReaperReport } from '../../anonymous/reaper/reaper.report.js';
import { ReaperService, type ReaperRunOptions } from '../../anonymous/reaper/reaper.service.js';
import type { Duration } from '../../common/duration.js';
import { HandlerScope } from '../../linking/merge/handler-scope.js';
import { OwnershipService } from '../../linking/ownership/ownership.service.js';
import { CliError } from '../cli.errors.js';
import type { Command } from '../command.js';
import { type HostApp, putTogether } from '../host/host-app.js';
import { providerOf } from '../host/provider-of.js';
import type { Terminal } from '../terminal.js';
import { progressOn } from './progress.js';
import { reapReport } from './reap-report.js';

const HELP = `nestjs-anonymous reap [--older-than <duration>] [--contributors keep|delete] [--dry-run] [--app <file>[#Export]] [--json]

Deletes guests that nobody has seen for long, and says why it keeps the others.

  --older-than <duration>  as in 30d or 48h, 2h at the least; the app's option reaper.olderThan by default
  --contributors <what>    keep guests that own rows, or delete them with everything they own;
                           the app's option reaper.contributors by default
  --dry-run                deletes nothing, and says what would be
  --app <file>             the built root module, or a function that makes one; dist/app.module.js by default
  --json                   one JSON document on stdout
  -h, --help               this text

Ctrl-C stops it after the batch that it is at; what is deleted stays deleted.

Exit code: 0, or 1 when it was stopped or could not delete some of the guests, 2 could not do it.
`;

const OPTIONS = {
  app: { type: 'string', default: 'dist/app.module.js' },
  json: { type: 'boolean', default: false },
  'dry-run': { type: 'boolean', default: false },
  'older-than': { type: 'string' },
  contributors: { type: 'string' },
  help: { type: 'boolean', short: 'h', default: false },
} as const;

export const reap: Command = {
  name: 'reap',
  summary: 'guests that nobody has seen for long',
  async run(args, terminal, cwd) {
    const { values } = parseArgs({ args: [...args], options: OPTIONS });
    if (values.help) {
      terminal.write(HELP);
      return 0;
    }
    const options = {
      dryRun: values['dry-run'],
      olderThan: values['older-than'] && durationOf(values['older-than']),
      contributors: values.contributors && contributorsOf(values.contributors),
    } as ReaperRunOptions;
    const app = await putTogether(values.app, cwd, options.dryRun ? 'read' : 'write');
    hearReasons(terminal);
    try {
      const report = await run(await reaperOf(app), options, values.json, terminal);
      if (values.json) {
        terminal.write(`${JSON.stringify({ version: 1, ...report }, null, 2)}\n`);
      } else terminal.write(`${reapReport(report).join('\n')}\n`);
      return report.finished && report.kept.failed === 0 ? 0 : 1;
    } finally {
      await app.close();
    }
  },
};

/** No hook of the app has run, so what the reaper stands on begins here. */
async function reaperOf({ providers }: HostApp): Promise<ReaperService> {
  for (const token of [HandlerScope, OwnershipService]) {
    await providerOf<OnModuleInit>(providers, token).onModuleInit();
  }
  return providerOf<ReaperService>(providers, ReaperService);
}

/** The app is silent here, and why a guest could not go would be lost with that. */
function hearReasons(terminal: Terminal): void {
  const complain = (message: unknown) => terminal.complain(`${String(message)}\n`);
  Logger.overrideLogger({ log: () => undefined, warn: complain, error: complain });
}

async function run(
  reaper: ReaperService,
  options: ReaperRunOptions,
  json: boolean,
  terminal: Terminal,
): Promise<ReaperReport> {
  const interrupt = new AbortController();
  const stop = () => interrupt.abort();
  process.once('SIGINT', stop);
  const progress = json ? undefined : progressOn(terminal);
  try {
    return await reaper.run({
      ...options,
      signal: interrupt.signal,
      ...(progress && { onProgress: (now) => progress.show(now) }),
    });
  } finally {
    progress?.end();
    process.removeListener('SIGINT', stop);
  }
}

function durationOf(value: string): Duration {
  if (/^\d+(\.\d+)?(ms|s|m|h|d)$/.test(value)) return value as Duration;
  throw new CliError(`--older-than ${value} is no duration. Write one such as 30d or 48h.`);
}

function contributorsOf(value: string): 'keep' | 'delete' {
  if (value === 'keep' || value === 'delete') return value;
  throw new CliError(`--contributors ${value} is neither keep nor delete.`);
}
