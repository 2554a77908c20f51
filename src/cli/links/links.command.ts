import { parseArgs } from 'node:util';
import { validate as isUuid } from 'uuid';
import type { LinkStatus } from '../../auth/account-linker.js';
import { LinkOperationsService } from '../../linking/ledger/link-operations.service.js';
import { CliError } from '../cli.errors.js';
import type { Command } from '../command.js';
import { putTogether } from '../host/host-app.js';
import { providerOf } from '../host/provider-of.js';
import { painter } from '../paint.js';
import type { Terminal } from '../terminal.js';
import { linkTable } from './link-table.js';

const STATUSES: readonly LinkStatus[] = [
  'pending',
  'awaiting-consent',
  'failed',
  'kept',
  'declined',
  'merged',
];

const HELP = `nestjs-anonymous links list [--status <status>]... [--limit <n>] [--app <file>[#Export]] [--json]
nestjs-anonymous links retry [<id>...] [--app <file>[#Export]] [--json]

list   shows links of guests to accounts, oldest first, with the reason why a merge has not happened.
retry  makes failed links due again: these, or all of them. A running instance of the app merges them.

  --status <status>  ${STATUSES.join(', ')};
                     may be repeated; pending and failed by default
  --limit <n>        at most so many, 100 by default
  --app <file>       the built root module, or a function that makes one; dist/app.module.js by default
  --json             one JSON document on stdout
  -h, --help         this text

Exit code: 0, or 1 when retry was given the id of a link that has not failed, 2 could not do it.
`;

const OPTIONS = {
  app: { type: 'string', default: 'dist/app.module.js' },
  json: { type: 'boolean', default: false },
  status: { type: 'string', multiple: true, default: ['pending', 'failed'] as string[] },
  limit: { type: 'string', default: '100' },
  help: { type: 'boolean', short: 'h', default: false },
} as const;

export const links: Command = {
  name: 'links',
  summary: 'merges that have not happened, and another try',
  async run(args, terminal, cwd) {
    const { values, positionals } = parseArgs({
      args: [...args],
      options: OPTIONS,
      allowPositionals: true,
    });
    const [action, ...ids] = positionals;
    if (values.help) {
      terminal.write(HELP);
      return 0;
    }
    if (action !== 'list' && action !== 'retry') {
      throw new CliError('write links list or links retry: see nestjs-anonymous links --help');
    }
    if (action === 'list' && ids.length > 0) throw new CliError('links list takes no ids.');
    const statuses = values.status.map(statusOf);
    const limit = limitOf(values.limit);
    ids.forEach(checkId);
    const app = await putTogether(values.app, cwd, action === 'retry' ? 'write' : 'read');
    try {
      const operations = providerOf<LinkOperationsService>(app.providers, LinkOperationsService);
      return action === 'list'
        ? await list(operations, statuses, limit, values.json, terminal)
        : await retry(operations, ids, values.json, terminal);
    } finally {
      await app.close();
    }
  },
};

async function list(
  operations: LinkOperationsService,
  statuses: readonly LinkStatus[],
  limit: number,
  json: boolean,
  terminal: Terminal,
): Promise<number> {
  const found = await operations.list(statuses, limit);
  if (json) terminal.write(`${JSON.stringify({ version: 1, links: found }, null, 2)}\n`);
  else if (found.length === 0) terminal.write(`No link is ${statuses.join(' or ')}.\n`);
  else terminal.write(`${linkTable(found, painter(terminal.isColoured)).join('\n')}\n`);
  return 0;
}

async function retry(
  operations: LinkOperationsService,
  ids: readonly string[],
  json: boolean,
  terminal: Terminal,
): Promise<number> {
  const due = await operations.retry(ids.length > 0 ? ids : undefined);
  const others = ids.filter((id) => !due.includes(id.toLowerCase()));
  if (json) terminal.write(`${JSON.stringify({ version: 1, due, notFailed: others }, null, 2)}\n`);
  else {
    terminal.write(`${due.length} ${due.length === 1 ? 'link is' : 'links are'} due again.\n`);
    for (const id of others) terminal.write(`${id} has not failed, or does not exist.\n`);
  }
  return others.length > 0 ? 1 : 0;
}

function statusOf(name: string): LinkStatus {
  const status = STATUSES.find((known) => known === name);
  if (status) return status;
  throw new CliError(`--status ${name} is no status. Write one of ${STATUSES.join(', ')}.`);
}

function limitOf(value: string): number {
  if (/^[1-9]\d{0,5}$/.test(value)) return Number(value);
  throw new CliError(`--limit ${value} is no number from 1 to 999999.`);
}

function checkId(id: string): void {
  if (!isUuid(id)) throw new CliError(`${id} is no id of a link.`);
}
