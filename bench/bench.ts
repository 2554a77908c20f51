import { parseArgs } from 'node:util';
import { REQUEST_CASES } from './cases/requests.js';
import { SIGN_IN_CASES } from './cases/sign-ins.js';
import { tableOf } from './report/table.js';
import { Arena } from './run/arena.js';
import { measureCase } from './run/measure-case.js';

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    compare: { type: 'boolean', default: false },
    only: { type: 'string', multiple: true },
    rounds: { type: 'string' },
  },
});

const CASES = [...REQUEST_CASES, ...SIGN_IN_CASES];
const quick = { rounds: 5, durationMs: 600, samples: 15, links: 64 };
const full = { rounds: 7, durationMs: 3000, samples: 30, links: 256 };
const sizes = {
  ...(values.quick ? quick : full),
  ...(values.rounds && { rounds: Number(values.rounds) }),
};
const chosen = CASES.filter(({ name, isQuick }) =>
  values.only ? values.only.includes(name) : isQuick || !values.quick,
);
const arena = await Arena.open();
try {
  for (const benchCase of chosen) {
    const result = await measureCase(benchCase, { arena, sizes });
    console.info(`${tableOf([result])}\n`);
  }
} finally {
  await arena.close();
}
