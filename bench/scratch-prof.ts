import { Arena } from './run/arena.js';
import { EXPRESS, FASTIFY, BARE, varied } from './run/contender-plans.js';
import { request } from './run/dialect.js';
const [what, host, opt] = process.argv.slice(2);
let plan = host === 'express' ? EXPRESS : host === 'limit' ? BARE : FASTIFY;
if (opt) plan = varied(plan, opt);
const N = 12000;
const arena = await Arena.open();
try {
  process.env.BENCH_NODE_ARGS = '--cpu-prof --cpu-prof-interval 500 --cpu-prof-dir=/tmp/prof-bench';
  const c = await arena.contender(plan);
  delete process.env.BENCH_NODE_ARGS;
  let requests: string[];
  if (what === 'issue') requests = [request('POST', c.dialect.issue.path, undefined, {})];
  else {
    requests = [];
    for (let i = 0; i < 50; i += 1) requests.push(request('GET', '/me', (await c.guest()).cookie));
  }
  const list = Array.from({ length: N }, (_, i) => requests[i % requests.length]!);
  await arena.load.run({
    port: c.port,
    connections: 8,
    requests: list,
    status: what === 'issue' ? c.dialect.issue.status : 200,
  });
} finally {
  await arena.close();
}
