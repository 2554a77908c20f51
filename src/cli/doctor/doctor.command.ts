import { parseArgs } from 'node:util';
import type { FindingKind } from '../../linking/ownership/inspection.js';
import { CliError } from '../cli.errors.js';
import type { Command } from '../command.js';
import { putTogether } from '../host/host-app.js';
import { diagnose } from './diagnosis.js';
import { FINDING_KINDS } from './explanations.js';
import { humanReport } from './human-report.js';

const HELP = `nestjs-anonymous doctor [--app <file>[#Export]] [--json] [--allow <kind>]...

Shows what a merge does with every table, and what is wrong: missing policies, columns without an
index, cascades, columns that look like users. Puts the app together without starting it, and
changes nothing.

  --app <file>    the built root module, or a function that makes one; dist/app.module.js by default
  --json          one JSON document on stdout
  --allow <kind>  show findings of this kind and do not count them; may be repeated:
                  ${FINDING_KINDS.slice(0, 3).join(', ')},
                  ${FINDING_KINDS.slice(3).join(', ')}
  -h, --help      this text

Exit code: 0 nothing found, 1 problems found, 2 could not look.
The app is configured as usual, by its environment. For TypeScript:
  NODE_OPTIONS='--import @swc-node/register/esm-register' npx nestjs-anonymous doctor --app src/app.module.ts
`;

export const doctor: Command = {
  name: 'doctor',
  summary: 'what a merge does with every table, and what is wrong',
  async run(args, terminal, cwd) {
    const { values } = parseArgs({
      args: [...args],
      options: {
        app: { type: 'string', default: 'dist/app.module.js' },
        json: { type: 'boolean', default: false },
        allow: { type: 'string', multiple: true, default: [] },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
    if (values.help) {
      terminal.write(HELP);
      return 0;
    }
    const allowed = new Set(values.allow.map(kindOf));
    const app = await putTogether(values.app, cwd);
    try {
      const diagnosis = await diagnose(app.providers, allowed);
      terminal.write(
        values.json ? `${JSON.stringify(diagnosis, null, 2)}\n` : humanReport(diagnosis, terminal),
      );
      return diagnosis.ok ? 0 : 1;
    } finally {
      await app.close();
    }
  },
};

function kindOf(name: string): FindingKind {
  const kind = FINDING_KINDS.find((known) => known === name);
  if (kind) return kind;
  throw new CliError(
    `--allow ${name} is no kind of finding. Write one of ${FINDING_KINDS.join(', ')}.`,
  );
}
